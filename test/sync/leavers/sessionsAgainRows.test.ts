import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Controller, CutOutcome, LeaverResult } from '../../../src/access/ports/controller.ts';
import { takeLease } from '../../../src/sync/lease/lease.ts';
import { endSessionsAgain } from '../../../src/sync/leavers/sessionsAgain.ts';
import type { Memory } from '../../../src/sync/state/memory.ts';
import { liveOf } from '../../../src/sync/state/memory.ts';
import { passThrough } from '../passThrough.ts';
import { eventually, syncWorld } from '../world.ts';

const MINUTE = 60_000;

/** So many who left half a minute ago and more, all cut and certified; a controller that does what it is told, but for `answer`. */
async function left(t: TestContext, names: readonly string[], answer: (done: CutOutcome) => CutOutcome = (all) => all) {
  const told: string[][] = [];
  const between: unknown[] = [];
  const wrap = (controller: Controller): Controller => ({
    ...passThrough(controller),
    async cut(_fence, orders) {
      told.push(orders.map(({ id }) => id));
      between.push(await intents());
      const results = orders.map(({ id }) => resultOf(id, world.context.clock.now()));
      return answer({ outcome: 'done', results });
    },
  });
  const world = await syncWorld(t, { start: false, wrap });
  const { store, context, config } = world;
  const intents = () => store.read((db) => db.selectFrom('intents').select(['kind', 'state', 'detail']).execute());
  const then = context.clock.now() - MINUTE;
  const at = new Date(then).toISOString();
  const steps = JSON.stringify([
    { kind: 'revoke-tokens', at, verified: true },
    { kind: 'end-sessions', at, verified: true, mark: 'seed-1' },
  ]);
  const debt = (name: string, more: object = {}) => ({
    ...{ controller: 'ci', folded_id: name, id: name, person: `p-${name}`, connection: 'okta' },
    ...{ cause: 'leaver' as const, state: 'done' as const, released: 0, received_at: at, started_at: at, done_at: at },
    ...{ due_ms: then, steps, missing: '[]', residual: '{}', attempts: 0, alarmed: 0, ...more },
  });
  const put = (...debts: ReturnType<typeof debt>[]) =>
    store.write(({ db }) => db.insertInto('debts').values(debts).execute());
  await put(...names.map((name) => debt(name)));
  const controller = context.controller('ci');
  const memory: Memory = {};
  await liveOf(context, controller, memory);
  const lease = (await takeLease(store, context.clock, context.holder, 'ci'))!;
  const again = () => {
    const site = { context, config: config.controllers[0]!, controller, lease, memory };
    return endSessionsAgain(site, then - MINUTE);
  };
  /** Of the last step of each debt. */
  const marks = async () => {
    const rows = await store.read((db) =>
      db
        .selectFrom('debts')
        .select(['controller', 'id', 'person', 'steps'])
        .orderBy('folded_id')
        .orderBy('person')
        .execute(),
    );
    const lastOf = (text: string) => (JSON.parse(text) as { mark?: string; verified: boolean }[]).at(-1)!;
    return rows.map(({ controller: on, id, person, steps: text }) => ({ on, id, person, ...lastOf(text) }));
  };
  return { ...world, told, between, intents, again, marks, put, debt, steps };
}

function resultOf(id: string, at: number): LeaverResult {
  const none = { tokens: [], sshKeys: 0, sshSessions: 0, password: true, credentials: 0, runningBuilds: 0 };
  const after = { ...none, id, record: id, queuedBuilds: 0, entries: [], marks: { password: 'p', seed: 'seed-2' } };
  return { id, steps: [{ kind: 'end-sessions', at, done: true }], missing: [], after } as LeaverResult;
}

test('what is to be ended once more is stored before it is sent, and its end after it', async (t) => {
  const { again, told, between, intents, marks, ledger } = await left(t, ['ana', 'bo']);
  assert.equal(await again(), undefined);
  assert.deepEqual(told, [['ana', 'bo']]);
  assert.deepEqual(between, [[{ kind: 'cut', state: 'open', detail: null }]]);
  assert.deepEqual(await intents(), [{ kind: 'cut', state: 'verified', detail: null }]);
  assert.deepEqual(
    (await marks()).map(({ mark }) => mark),
    ['seed-2', 'seed-2'],
  );
  await ledger.seal();
  const records = (await ledger.records(1, 10)).map(({ kind, subject }) => `${kind} ${subject?.id}`);
  assert.deepEqual(records, ['leaver.again p-ana', 'leaver.again p-bo']);
  assert.equal(await again(), undefined);
  assert.equal(told.length, 1, 'once');
  assert.equal((await intents()).length, 1);
});

test('of whoever still has no record nothing is recorded, and sessions are not ended once more at each look', async (t) => {
  const { again, told, ledger, put, debt, marks } = await left(t, ['cy'], ({ results, ...all }) => ({
    ...all,
    results: results.map(({ steps, ...one }) => ({ ...one, steps: steps.map((step) => ({ ...step, count: 0 })) })),
  }));
  const at = new Date(0).toISOString();
  const bare = (name: string, more: object) =>
    debt(name, { steps: JSON.stringify([{ kind: 'end-sessions', at, verified: true }]), ...more });
  await put(bare('ana', {}), bare('bo', { cause: 'old-id' }));
  assert.equal(await again(), undefined);
  assert.deepEqual(told[0]?.toSorted(), ['ana', 'bo', 'cy']);
  assert.ok((await marks()).find(({ id }) => id === 'ana')?.verified);
  assert.equal(await again(), undefined);
  assert.equal(told.length, 1, 'once');
  await ledger.seal();
  assert.deepEqual(await ledger.records(1, 10), []);
});

test('of what is not known to be done nothing is said to be, and it is not asked for again at once', async (t) => {
  const names = Array.from({ length: 201 }, (_, index) => `p${String(index).padStart(3, '0')}`);
  const first = await left(t, names, ({ results }) => ({
    outcome: 'unknown',
    results: [],
    reason: `of ${results.length}`,
  }));
  assert.equal(await first.again(), 'unknown');
  assert.deepEqual(await first.intents(), [{ kind: 'cut', state: 'unknown', detail: 'of 200' }]);
  const second = await left(t, names, (all) => ({ ...all, results: all.results.slice(1) }));
  assert.equal(await second.again(), 'more', 'nobody waits for whom it was not done to');
  assert.deepEqual(await second.intents(), [{ kind: 'cut', state: 'failed', detail: null }]);
  const marks = (await second.marks()).map(({ mark }) => mark);
  assert.deepEqual([marks[0], marks[1]], ['', 'seed-2']);
});

test('of very many two hundred are told at once, and the others right after', async (t) => {
  const names = Array.from({ length: 201 }, (_, index) => `p${String(index).padStart(3, '0')}`);
  const { again, told } = await left(t, names);
  assert.equal(await again(), 'more');
  assert.equal(await again(), undefined);
  assert.deepEqual(
    told.map(({ length }) => length),
    [200, 1],
  );
});

test('whom `protect` names since they left is left alone', async (t) => {
  const { again, told, config } = await left(t, ['ana', 'bo']);
  Object.assign(config.controllers[0]!, { protect: { users: ['ana'], groups: [], roles: [] } });
  await again();
  assert.deepEqual(told, [['bo']]);
});

test('what is stored of it is of whom it was done to, on that controller, while nothing is owed again', async (t) => {
  const world = await left(t, ['ana', 'bo'], (all) => all);
  const long = new Date(0).toISOString();
  const before = { person: 'p-before', received_at: long, started_at: long, done_at: long, due_ms: 0 };
  const formerly = { ...before, person: 'p-ana' };
  await world.put(world.debt('ana', { controller: 'cd' }), world.debt('ana', before), world.debt('ana-b', formerly));
  await world.store.write(({ db }) =>
    db
      .insertInto('debts')
      .values(world.debt('cy', { steps: world.steps.replaceAll('true', 'false') }))
      .execute(),
  );
  const { write } = world.store;
  let reopened = false;
  Object.assign(world.context, {
    store: {
      ...world.store,
      read: world.store.read.bind(world.store),
      write: async (...call: Parameters<typeof write>) => {
        if (world.told.length > 0 && !reopened) {
          reopened = true;
          await world.store.write(({ db }) =>
            db.updateTable('debts').set({ state: 'open' }).where('folded_id', '=', 'bo').execute(),
          );
        }
        return world.store.write(...call);
      },
    },
  });
  await world.again();
  assert.deepEqual(world.told, [['ana', 'bo']], 'who was not proven to have ended any is for the next look');
  const after = new Map((await world.marks()).map(({ on, id, person, mark }) => [`${on} ${id} ${person}`, mark]));
  assert.deepEqual(Object.fromEntries(after), {
    ...{ 'ci ana p-ana': 'seed-2', 'cd ana p-ana': 'seed-1', 'ci ana p-before': 'seed-1', 'ci ana-b p-ana': 'seed-1' },
    ...{ 'ci bo p-bo': '', 'ci cy p-cy': 'seed-1' },
  });
});

test('who is logged in behind it, or for whom it was not done, is not said to be out', async (t) => {
  const { again, marks, intents } = await left(t, ['ana', 'bo'], ({ results, ...all }) => ({
    ...all,
    results: results.map((one) =>
      one.id === 'ana'
        ? { ...one, after: { ...one.after, signedIn: true } }
        : { ...one, steps: one.steps.map((step) => ({ ...step, done: false })) },
    ),
  }));
  await again();
  assert.deepEqual(
    (await marks()).map(({ mark, verified }) => [mark, verified]),
    [
      ['seed-2', false],
      ['', true],
    ],
  );
  assert.equal((await intents())[0]?.state, 'failed');
});

test('of hundreds who left within hours of a start nobody waits for the next full read', async (t) => {
  const names = Array.from({ length: 450 }, (_, index) => `p${index}`);
  const world = await left(t, names);
  world.time.forward(50 * MINUTE);
  world.start();
  await eventually(() => world.told.flat().length >= names.length, 'everybody', 8_000);
  assert.deepEqual(new Set(world.told.flat()), new Set(names));
});
