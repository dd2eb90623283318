import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ErrorCode } from '../../../src/errors.ts';
import { refuse } from '../../../src/errors.ts';
import { type Breaker, CLOSED, failed, isOpen } from '../../../src/sync/pace/breaker.ts';
import { passThrough } from '../passThrough.ts';
import { eventually, syncWorld } from '../world.ts';

test('one or two failures pause shortly, the third opens the breaker for two seconds', () => {
  const once = failed(CLOSED, 1_000);
  const twice = failed(once, 1_000);
  const thrice = failed(twice, 1_000);
  assert.deepEqual([once.until, twice.until, thrice.until], [1_500, 2_000, 3_000]);
  assert.equal(isOpen(thrice, 2_999), true);
  assert.equal(isOpen(thrice, 3_000), false);
});

test('however many failures, it is tried again within a minute', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (failures) => {
      let breaker: Breaker = CLOSED;
      for (let at = 0; at < failures; at++) breaker = failed(breaker, 0);
      assert.ok(breaker.until > 0 && breaker.until <= 60_000);
    }),
  );
});

/** When a controller is tried that gives these answers in turn, the last one on and on, until `back`; from 0 on. */
function tries(answers: readonly ErrorCode[], back: number): number[] {
  const at: number[] = [];
  let breaker: Breaker = CLOSED;
  for (let now = 0; ; now = breaker.until) {
    at.push(now);
    if (now >= back) return at;
    breaker = failed(breaker, now, answers[Math.min(at.length, answers.length) - 1]);
  }
}

/** As a restart goes: refused, the pages of a start, and what is false in between (jenkins-verified.md point 1). */
const RESTART: readonly ErrorCode[] = [
  'JEN_UNREACHABLE',
  'JEN_RESTARTING',
  'JEN_ANSWER',
  'JEN_CREDENTIAL',
  'JEN_FORBIDDEN',
];

test('a controller that restarts is met again within three seconds of its return', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...RESTART), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1_000, max: 9 * 60_000 }),
      (answers, back) => {
        const met = tries(['JEN_UNREACHABLE', ...answers], back).at(-1)!;
        assert.ok(met - back <= 3_000, `${met - back} ms after its return`);
      },
    ),
  );
});

test('one that is dead for hours is asked once a minute, and once in three seconds for the first ten minutes only', () => {
  const hours = tries(['JEN_UNREACHABLE'], 8 * 3_600_000);
  assert.ok(hours.filter((at) => at < 660_000).length <= 205);
  assert.ok(hours.filter((at) => at > 660_000).length <= 8 * 60);
});

test('a credential that is refused, or a missing plugin, is no restart: the waits double up to a minute', () => {
  const at = tries(['JEN_CREDENTIAL'], 300_000);
  assert.ok(at.length < 15, String(at.length));
});

test('a restart amid pushes: the waits of the worker stay short, then grow when nothing comes back', async (t) => {
  let failing = true;
  const world = await syncWorld(t, {
    start: false,
    wrap: (controller) => ({
      ...passThrough(controller),
      probe: () =>
        failing ? Promise.reject(refuse('JEN_RESTARTING', { controller: controller.name })) : controller.probe(),
    }),
  });
  const waits = (): number[] =>
    world.lines.flatMap(({ fields }) => ('retryInMs' in fields ? [Number(fields.retryInMs)] : []));
  world.start();
  for (let push = 1; push <= 12; push++) {
    await eventually(() => waits().length >= push, `try ${push}`);
    world.time.forward(waits().at(-1)! + 1);
    await world.person(`dev${push}`);
  }
  assert.ok(Math.max(...waits()) <= 3_000, waits().join());
  const sofar = waits().length;
  world.time.forward(11 * 60_000);
  await world.person('late');
  await eventually(() => waits().length > sofar);
  assert.ok(Math.max(...waits()) > 30_000, waits().join());
  failing = false;
  world.time.forward(61_000);
  await world.group('ci-pay-dev', ['late']);
  await eventually(() => world.holders('pay-developer').includes('late'));
});
