import { prepared, preparedBlind } from '../../store/prepared.ts';
import { GROUP_COLUMNS, type GroupRow } from './groupRow.ts';

/** The group of a connection by id. */
export const groupOf = prepared<{ id: string; connection: string }, GroupRow>((value, db) =>
  db
    .selectFrom('groups')
    .select(GROUP_COLUMNS)
    .where('id', '=', value('id'))
    .where('connection', '=', value('connection')),
);

/** What changes of a group with its members. */
export const touchGroup = preparedBlind<Pick<GroupRow, 'id' | 'modified_at' | 'version' | 'member_count'>>(
  (value, db) =>
    db
      .updateTable('groups')
      .set({ modified_at: value('modified_at'), version: value('version'), member_count: value('member_count') })
      .where('id', '=', value('id')),
);

/** Everything that can change of a group. */
export const updateGroup = preparedBlind<Omit<GroupRow, 'connection' | 'created_at'>>((value, db) =>
  db
    .updateTable('groups')
    .set({
      display_name: value('display_name'),
      display_name_key: value('display_name_key'),
      external_id: value('external_id'),
      document: value('document'),
      modified_at: value('modified_at'),
      version: value('version'),
      member_count: value('member_count'),
    })
    .where('id', '=', value('id')),
);
