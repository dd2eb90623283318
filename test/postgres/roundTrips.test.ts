import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import type { LeaverResult, Observed } from '../../src/access/ports/controller.ts';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import type { Caller } from '../../src/directory/directory.ts';
import { createFactsReader } from '../../src/directory/facts/factsReader.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import type { LeaverStep } from '../../src/plan/step.ts';
import { parseFilter } from '../../src/scim/filter/parseFilter.ts';
import { openStore } from '../../src/store/open.ts';
import { cutWorks } from '../../src/sync/leavers/cut.ts';
import { distribute } from '../../src/sync/pace/distribute.ts';
import type { Assessment } from '../../src/sync/pass/assessment.ts';
import type { SyncContext } from '../../src/sync/state/context.ts';
import { NOBODY } from '../jenkins/nobody.ts';
import { postgresMissing, temporaryDatabase } from './database.ts';
import { countFlights } from './flights.ts';

const skip = postgresMissing ?? false;
/** However slow the machine is, what is written together shares its commit. */
const STILL = { now: systemClock.now, monotonic: () => 0 };
const caller: Caller = { connection: 'okta', credential: 'cred', request: 'req' };

/** A directory with its ledger over a server whose round trips are counted, warmed up. */
async function counted(t: TestContext) {
  const flights = await countFlights(t, await temporaryDatabase(t));
  const store = await openStore(flights.url, { clock: STILL, timers: systemTimers, log: SILENT });
  t.after(() => store.close());
  const keys = parseKeyFile(newKeyFile(systemRandom.bytes));
  const recorder = createLedger({ store, keys, clock: systemClock, random: systemRandom });
  const directory = createDirectory({ store, clock: systemClock, random: systemRandom, recorder, wake: () => {} });
  const emails = [{ value: 'ana@corp.test', type: 'work', primary: true }];
  const roles = [{ value: 'dev' }];
  const person = (userName: string) =>
    directory.createUser(caller, { userName, externalId: `x-${userName}`, emails, roles, active: true });
  const ana = await person('ana');
  const bob = await person('bob');
  const group = await directory.createGroup(caller, { displayName: 'ci-pay-dev' }, []);
  await directory.user('okta', ana.id, false);
  /** Round trips of one operation. */
  const of = async (run: () => Promise<unknown>): Promise<number> => {
    // What the operations before left behind, the end of a read, is on its way.
    await flights.still();
    flights.take();
    await run();
    return flights.take();
  };
  return { store, recorder, directory, person, ana, bob, group, of };
}

test('postgres: a create takes two round trips, its commit included', { skip }, async (t) => {
  const { person, directory, of } = await counted(t);
  assert.equal(await of(() => person('cy')), 2);
  assert.equal(await of(() => directory.createGroup(caller, { displayName: 'empty' }, [])), 3);
});

test('postgres: adding or removing a member takes two round trips, its commit included', { skip }, async (t) => {
  const { directory, ana, bob, group, of } = await counted(t);
  const add = (id: string) =>
    directory.changeGroup(caller, group.id, [{ op: 'add-members', members: [{ value: id }] }]);
  assert.equal(await of(() => add(ana.id)), 2);
  assert.equal(await of(() => add(bob.id)), 2);
  assert.equal(
    await of(() => directory.changeGroup(caller, group.id, [{ op: 'remove-members', values: [ana.id] }])),
    2,
  );
});

test('postgres: changing a person takes two round trips, its commit included', { skip }, async (t) => {
  const { directory, ana, of } = await counted(t);
  const off = () => directory.changeUser(caller, ana.id, (current) => ({ ...current, active: false }));
  assert.equal(await of(off), 2);
});

test('postgres: people who are changed together go together, read ahead of their transaction', { skip }, async (t) => {
  const { directory, person, of } = await counted(t);
  const people = await Promise.all(Array.from({ length: 42 }, (_, n) => person(`p${n}`)));
  const off = ({ id }: { readonly id: string }) =>
    directory.changeUser(caller, id, (current) => ({ ...current, active: false }), undefined, true);
  await Promise.all([off(people[40]!), off(people[41]!)]);
  const taken = await of(() => Promise.all(people.slice(0, 40).map(off)));
  // The first ones find nobody in their way. Three or four for each sixteen, where it was one for each person.
  assert.ok(taken <= 16, `${taken} round trips for 40 deactivations`);
});

test('postgres: members who come to a group together go together', { skip }, async (t) => {
  const { directory, person, group, of } = await counted(t);
  const people = await Promise.all(Array.from({ length: 42 }, (_, n) => person(`p${n}`)));
  const put = ({ id }: { readonly id: string }) =>
    directory.changeGroup(caller, group.id, [{ op: 'add-members', members: [{ value: id }] }]);
  await Promise.all([put(people[40]!), put(people[41]!)]);
  const taken = await of(() => Promise.all(people.slice(0, 40).map(put)));
  assert.ok(taken <= 16, `${taken} round trips for 40 members`);
});

test('postgres: what became of those who left is stored in round trips that do not grow with them', {
  skip,
}, async (t) => {
  const { store, recorder, of } = await counted(t);
  const ids = Array.from({ length: 25 }, (_, n) => `leaver${n}`);
  await store.write(({ db }) =>
    sql`INSERT INTO debts (controller, folded_id, id, person, connection, cause, received_at, state, due_ms, steps, missing,
        residual, attempts, alarmed, released)
      SELECT 'ci', id, id, 'of ' || id, 'okta', 'leaver', '2026-11-27T08:00:00.000Z', 'open', 0, '[]', '[]', '[]', 0, 0, 0
      FROM unnest(${ids}::text[]) AS left_there (id)`.execute(db),
  );
  const results = ids.map((id) => {
    const steps = [{ kind: 'revoke-tokens' as const, at: 0, done: true }];
    return [id, { id, steps, missing: [], after: { ...NOBODY, id } }] as const;
  });
  const { works } = cutWorks(
    { clock: systemClock, config: { leaver: {} }, recorder } as unknown as SyncContext,
    {
      ...{ controller: { name: 'ci' }, situation: { entries: [] }, plan: { steps: [] } },
      ...{ identities: { owners: new Map() }, live: { capabilities: { escapeHatch: null } } },
    } as unknown as Assessment,
    [],
    new Map(ids.map((id) => [id, [{ kind: 'revoke-tokens', person: `of ${id}` } as unknown as LeaverStep]])),
    new Map(results) as unknown as ReadonlyMap<string, LeaverResult>,
    { roles: [] } as unknown as Observed,
    { outcome: 'done', results: [] },
  );
  const taken = await of(() => store.write((tx) => works[0]!.run(tx)));
  assert.ok(taken <= 4, `${taken} round trips for 25 people`);
  const states = await store.read((db) => db.selectFrom('debts').select(['state', 'steps']).execute());
  assert.equal(states.filter(({ state, steps }) => state === 'done' && steps.includes('true')).length, 25);
});

test('postgres: a look-up takes one round trip', { skip }, async (t) => {
  const { directory, ana, of } = await counted(t);
  assert.equal(await of(() => directory.user('okta', ana.id, false)), 1);
  assert.equal(await of(() => directory.user('okta', ana.id, true)), 1);
  for (const text of [
    'userName eq "ana"',
    'externalId eq "x-ana"',
    'emails.value eq "ana@corp.test" and active eq true',
  ]) {
    const filter = parseFilter(text, 'User', { filterLength: 4_096, filterDepth: 32 });
    const query = { filter, sortOrder: 'ascending', startIndex: 1, count: 100 } as const;
    assert.equal(await of(() => directory.users('okta', { ...query, related: false })), 1, text);
    const withGroups = await of(() => directory.users('okta', { ...query, related: true }));
    // A search that is no search for one key has to know whom it found.
    assert.equal(withGroups, text.includes(' and ') ? 2 : 1, text);
  }
  const together = await of(() => Promise.all(Array.from({ length: 20 }, () => directory.user('okta', ana.id, true))));
  assert.equal(together, 1, 'those that come together go together');
});

test('postgres: handing out what has to be looked at takes two round trips and one transaction', {
  skip,
}, async (t) => {
  const { store, of } = await counted(t);
  const facts = createFactsReader();
  const handOut = () => store.write((tx) => distribute(tx, facts, ['ci']));
  assert.equal(
    await of(async () => {
      const { marks, more } = await handOut();
      assert.ok(marks > 0);
      assert.equal(more, false, 'nobody looks again');
    }),
    2,
  );
});

test('postgres: writes that come together share a commit and take one round trip more each', { skip }, async (t) => {
  const { person, of } = await counted(t);
  const taken = await of(() => Promise.all(Array.from({ length: 20 }, (_, n) => person(`p${n}`))));
  assert.ok(taken <= 25, `${taken} round trips for 20 creates`);
});
