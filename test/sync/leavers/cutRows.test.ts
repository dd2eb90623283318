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

test('a clock that was set back between a departure and its cut dates no proof before the departure', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  await world.order(sync);
  await world.change('ana', { active: false });
  world.time.leap(-120_000);
  await world.order(sync);
  const certificate = await world.certificate('ana');
  const [ci] = certificate.controllers;
  assert.equal(ci!.elapsedMs, 0);
  assert.equal(ci!.doneAt, certificate.receivedAt);
  const [record] = (await world.ledger.about({ kind: 'user', id: world.idOf('ana') }, 50)).filter(
    ({ kind }) => kind === 'leaver.complete',
  );
  assert.equal(record!.body.elapsedMs, 0);
});

test('what a controller could not do of a cut is told in its words until it is done, what it did stays done', async (t) => {
  const broken = { reason: 'no space left on device' as string | undefined };
  const world = await syncWorld(t, {
    start: false,
    wrap: (controller) => ({
      ...passThrough(controller),
      cut: async (fence, orders) => {
        const answer = await controller.cut(fence, orders);
        const { reason } = broken;
        if (reason === undefined) return answer;
        const results = answer.results.map((result) => ({
          ...result,
          steps: result.steps.map((step) => (step.kind === 'end-sessions' ? { ...step, done: false, reason } : step)),
        }));
        return { ...answer, results };
      },
    }),
  });
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  await world.order(sync);
  world.practice.hands.mintToken('ana');
  await world.change('ana', { active: false });
  await world.order(sync);
  const [first] = await debtRows(world);
  assert.deepEqual([first!.state, first!.error], ['open', 'end-sessions: no space left on device']);
  const [told] = (await world.certificate('ana')).controllers;
  assert.ok(told!.residual.includes('last error: end-sessions: no space left on device'), String(told!.residual));
  const cut = told!.steps.find(({ kind }) => kind === 'revoke-tokens');
  assert.equal(cut?.verified, true);

  broken.reason = undefined;
  await world.order(sync);
  const [debt] = await debtRows(world);
  assert.deepEqual([debt!.state, debt!.error], ['done', null]);
  const { steps } = (await world.certificate('ana')).controllers[0]!;
  assert.ok(steps.every(({ verified }) => verified));
  assert.deepEqual(
    steps.find(({ kind }) => kind === 'revoke-tokens'),
    cut,
    'what was done is not done twice',
  );
});
