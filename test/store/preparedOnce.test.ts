import assert from 'node:assert/strict';
import { constants, type DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { createFactsReader } from '../../src/directory/facts/factsReader.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import type { Query } from '../../src/scim/query.ts';
import { SqliteConnection } from '../../src/store/sqlite/connection.ts';
import { OKTA, refs, tickingClock } from '../directory/open.ts';
import { seededRandom } from '../sim/time.ts';
import { openTestStore } from './open.ts';

/** How often SQLite reads the words of a statement: it asks whether each thing in it is allowed. */
function reading(t: TestContext): { readonly texts: Set<string>; count: number } {
  const seen = { texts: new Set<string>(), count: 0 };
  const watched = new WeakSet<DatabaseSync>();
  const { executeQuery } = SqliteConnection.prototype;
  t.mock.method(SqliteConnection.prototype, 'executeQuery', function (this: SqliteConnection, query: { sql: string }) {
    if (!watched.has(this.handle)) {
      watched.add(this.handle);
      this.handle.setAuthorizer(() => {
        seen.count += 1;
        return constants.SQLITE_OK;
      });
    }
    const before = seen.count;
    const answer = executeQuery.call(this, query as never);
    if (seen.count > before) seen.texts.add(query.sql);
    return answer;
  });
  return seen;
}

test('a statement that comes again is not read again, whatever its values', async (t) => {
  const seen = reading(t);
  const store = await openTestStore(t);
  const random = seededRandom();
  const clock = tickingClock();
  const ledger = createLedger({ store, keys: parseKeyFile(newKeyFile(random.bytes)), clock, random });
  const directory = createDirectory({ store, clock, random, recorder: ledger, wake: () => {} });
  const facts = createFactsReader();
  const path = (attribute: string, sub?: string) => ({
    ...{ schema: 'urn:ietf:params:scim:schemas:core:2.0:User', attribute, caseExact: true },
    ...(sub === undefined ? {} : { sub }),
  });
  const page: Query = { startIndex: 1, count: 3, related: true, sortOrder: 'ascending' };
  const by = (found: ReturnType<typeof path>, value: string): Query => ({
    ...page,
    filter: { kind: 'compare', operator: 'eq', path: found, value } as Query['filter'] & {},
  });
  const group = await directory.createGroup(OKTA, { displayName: 'ci' }, []);
  const round = async (n: number): Promise<void> => {
    const emails = [{ value: `p${n}@corp.test`, type: 'work', primary: true }];
    const made = await directory.createUser(OKTA, { userName: `p${n}`, externalId: `x${n}`, emails, active: true });
    await directory.changeUser(OKTA, made.id, (user) => ({ ...user, active: false }), undefined, true);
    await directory.changeGroup(OKTA, group.id, [{ op: 'add-members', members: refs([made.id]) }], undefined);
    await directory.changeGroup(OKTA, group.id, [{ op: 'remove-members', values: [made.id] }], undefined);
    await directory.user('okta', made.id, true);
    await directory.users('okta', by(path('userName'), `p${n}`));
    await directory.users('okta', by(path('externalId'), `x${n}`));
    await directory.users('okta', by(path('emails', 'value'), `p${n}@corp.test`));
    for (const startIndex of [1, 2 + n]) await directory.users('okta', { ...page, startIndex, count: 2 + (n % 2) });
    await directory.users('okta', { ...page, cursor: { counted: true } });
    await store.read((db) => facts.dirty(db, 10 + n));
    await ledger.seal();
  };
  for (let n = 0; n < 4; n++) await round(n);
  await store.read((db) => sql`SELECT 1`.execute(db));
  seen.texts.clear();
  for (let n = 4; n < 8; n++) await round(n);
  assert.deepEqual([...seen.texts], []);
});
