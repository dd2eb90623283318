import { sql } from 'kysely';
import { placed, prepared, preparedBlind } from '../../store/prepared.ts';
import type { Tables } from '../../store/tables.ts';
import { GROUPS } from '../groups/groupRefs.ts';
import { USER_COLUMNS, type UserRow } from './userRow.ts';

/** Columns that look-ups are made by. */
export const NAMES = ['user_name', 'user_name_key', 'external_id', 'display_name', 'email'] as const;
/** What changes with a change that leaves those as they are. */
const STATE = ['active', 'document', 'modified_at', 'version'] as const;

/** The person of a connection by id. */
export const userOf = prepared<{ id: string; connection: string }, UserRow>((value, db) =>
  db
    .selectFrom('users')
    .select(USER_COLUMNS)
    .where('id', '=', value('id'))
    .where('connection', '=', value('connection')),
);

/** The same with the groups. */
export const userWithGroupsOf = prepared<{ id: string; connection: string }, UserRow & { groups: string | null }>(
  (value, db) =>
    db
      .selectFrom('users')
      .select(USER_COLUMNS)
      .select(GROUPS.as('groups'))
      .where('id', '=', value('id'))
      .where('connection', '=', value('connection')),
);

/** A new person; nobody where somebody has the name, which is refused elsewhere: the log of a server would tell the name. */
export const insertUser = preparedBlind<Tables['users']>((value, db) =>
  db
    .insertInto('users')
    .values(placed(value, USER_COLUMNS))
    .onConflict((conflict) => conflict.columns(['connection', 'user_name_key']).doNothing()),
);

/** Everything that can change of a person. */
export const updateUser = preparedBlind<Omit<Tables['users'], 'connection' | 'created_at'>>((value, db) =>
  db
    .updateTable('users')
    .set(placed(value, [...NAMES, ...STATE]))
    .where('id', '=', value('id')),
);

/** What changes of a person whose names and addresses stay. */
export const updateState = preparedBlind<Pick<UserRow, 'id' | 'active' | 'document' | 'modified_at' | 'version'>>(
  (value, db) => db.updateTable('users').set(placed(value, STATE)).where('id', '=', value('id')),
);

/** One e-mail address of a person who is there. */
export const insertEmail = preparedBlind<Tables['user_emails']>(
  (value) => sql`INSERT INTO user_emails (user_id, value, value_key, type, is_primary)
    SELECT id, ${value('value')}, ${value('value_key')}, ${value('type')}, ${value('is_primary')}
    FROM users WHERE id = ${value('user_id')}`,
);

/** Whoever has a name in a connection. */
export const ownerOf = prepared<Pick<UserRow, 'connection' | 'user_name_key'>, { id: string }>((value, db) =>
  db
    .selectFrom('users')
    .select('id')
    .where('connection', '=', value('connection'))
    .where('user_name_key', '=', value('user_name_key')),
);
