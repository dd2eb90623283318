import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CutOutcome } from '../../../src/access/ports/controller.ts';
import { passThrough } from '../passThrough.ts';
import { debtRows, recordsOf } from '../rows.ts';
import { type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;

const intents = ({ store }: SyncWorld) =>
  store.read((db) =>
    db.selectFrom('intents').select(['state', 'detail']).where('kind', '=', 'cut').orderBy('created_at').execute(),
  );

test('a cut that nobody answered is begun, counted and tried again: it failed for whoever ordered it', async (t) => {
  let answer: CutOutcome | undefined = { outcome: 'unknown', results: [], reason: 'timed out' };
  const world = await syncWorld(t, {
    start: false,
    wrap: (controller) => ({
      ...passThrough(controller),
      cut: (fence, orders) => (answer === undefined ? controller.cut(fence, orders) : Promise.resolve(answer)),
    }),
  });
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  await world.order(sync);
  await world.change('ana', { active: false });
  const applied = await world.order(sync);
  assert.match(applied.error ?? '', /timed out/);
  assert.ok(applied.failed > 0);
  const [first] = await debtRows(world);
  const now = world.context.clock.now();
  assert.deepEqual([first!.state, first!.error], ['open', 'timed out']);
  assert.ok(first!.attempts > 0);
  assert.notEqual(first!.started_at, null);
  assert.ok(first!.due_ms > now - 10_000 && first!.due_ms <= now + 60_000, `due ${first!.due_ms - now} ms from now`);
  assert.deepEqual((await intents(world)).at(-1), { state: 'unknown', detail: 'timed out' });

  // Answered, but not about this person.
  answer = { outcome: 'done', results: [] };
  const second = await world.order(sync);
  assert.ok(second.failed > 0);
  const [again] = await debtRows(world);
  assert.deepEqual([again!.state, again!.error], ['open', 'no answer']);
  assert.ok(again!.attempts > first!.attempts);
  assert.equal((await recordsOf(world, 'ana')).filter((kind) => kind.startsWith('leaver.')).length, 0);
  assert.deepEqual([...new Set((await intents(world)).map(({ state }) => state))], ['failed']);

  answer = undefined;
  assert.equal((await world.order(sync)).failed, 0);
  assert.deepEqual(
    (await debtRows(world)).map(({ state, error }) => [state, error]),
    [['done', null]],
  );
  assert.deepEqual(world.holders('browser'), []);
});
