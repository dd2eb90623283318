import { sql } from 'kysely';
import { prepared, preparedBlind } from '../store/prepared.ts';
import type { Tables } from '../store/tables.ts';
import { USER_COLUMNS, type UserRow } from './userRow.ts';

/** The person of a connection by id. */
export const userOf = prepared<{ id: string; connection: string }, UserRow>((value, db) =>
  db
    .selectFrom('users')
    .select(USER_COLUMNS)
    .where('id', '=', value('id'))
    .where('connection', '=', value('connection')),
);

/** A new person; nobody where somebody has the name, which is refused elsewhere: the log of a server would tell the name. */
export const insertUser = preparedBlind<Tables['users']>((value, db) =>
  db
    .insertInto('users')
    .values({
      id: value('id'),
      connection: value('connection'),
      user_name: value('user_name'),
      user_name_key: value('user_name_key'),
      external_id: value('external_id'),
      display_name: value('display_name'),
      email: value('email'),
      active: value('active'),
      document: value('document'),
      created_at: value('created_at'),
      modified_at: value('modified_at'),
      version: value('version'),
    })
    .onConflict((conflict) => conflict.columns(['connection', 'user_name_key']).doNothing()),
);

/** Everything that can change of a person. */
export const updateUser = preparedBlind<Omit<Tables['users'], 'connection' | 'created_at'>>((value, db) =>
  db
    .updateTable('users')
    .set({
      user_name: value('user_name'),
      user_name_key: value('user_name_key'),
      external_id: value('external_id'),
      display_name: value('display_name'),
      email: value('email'),
      active: value('active'),
      document: value('document'),
      modified_at: value('modified_at'),
      version: value('version'),
    })
    .where('id', '=', value('id')),
);

/** What changes of a person whose names and addresses stay. */
export const updateState = preparedBlind<Pick<UserRow, 'id' | 'active' | 'document' | 'modified_at' | 'version'>>(
  (value, db) =>
    db
      .updateTable('users')
      .set({
        active: value('active'),
        document: value('document'),
        modified_at: value('modified_at'),
        version: value('version'),
      })
      .where('id', '=', value('id')),
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
