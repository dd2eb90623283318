import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockAnchor, EVEN_MS, LEAP_MS } from '../../../src/sync/clock/clockAnchor.ts';
import { trustedTime } from '../../../src/sync/clock/trustedTime.ts';
import { keepingLog, type Line } from '../../server/world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Two clocks that go on together, and the wall clock that can be set; whether it is trusted after each look. */
function clocks() {
  const at = { wall: Date.parse('2026-11-24T08:00:00.000Z'), monotonic: 5_000 };
  const lines: Line[] = [];
  const clock = { now: () => at.wall, monotonic: () => at.monotonic };
  const anchor = new ClockAnchor(clock, keepingLog(lines));
  const trusted = (): boolean => trustedTime(clock, anchor.look(), 0).trusted;
  return {
    lines,
    trusted,
    set(milliseconds: number): void {
      at.wall += milliseconds;
    },
    /** Goes on, looking every 5 seconds. @returns whether it is trusted then */
    pass(milliseconds: number): boolean {
      for (let left = milliseconds; left > 0; left -= 5 * SECOND) {
        at.wall += 5 * SECOND;
        at.monotonic += 5 * SECOND;
        trusted();
      }
      return trusted();
    },
  };
}

test('after a suspend the clock is trusted again once it has run evenly for half an hour, without a restart', () => {
  const world = clocks();
  assert.equal(world.pass(MINUTE), true);
  world.set(8 * 60 * MINUTE);
  assert.equal(world.trusted(), false);
  assert.equal(world.pass(EVEN_MS - MINUTE), false);
  assert.equal(world.pass(MINUTE), true);
  assert.deepEqual(
    world.lines.map(({ level }) => level),
    ['error', 'warn'],
  );
  world.set(LEAP_MS + 1);
  assert.equal(world.trusted(), false, 'and the next leap counts again');
});

test('a clock that is set to and fro after a leap is not trusted, however long it goes on', () => {
  const world = clocks();
  world.set(24 * 60 * MINUTE);
  for (let round = 0; round < 20; round++) {
    assert.equal(world.pass(EVEN_MS / 2), false);
    world.set(round % 2 === 0 ? 6 * SECOND : -6 * SECOND);
  }
  assert.equal(world.pass(EVEN_MS + MINUTE), true);
});

test('a clock that is set right again is trusted at once', () => {
  const world = clocks();
  world.set(60 * MINUTE);
  assert.equal(world.pass(10 * MINUTE), false);
  world.set(-60 * MINUTE);
  assert.equal(world.trusted(), true);
});

test('many short suspends add up to a leap, and it is got over as one', () => {
  const world = clocks();
  for (let round = 0; round < 3; round++) {
    world.set(4 * MINUTE);
    world.pass(MINUTE);
  }
  assert.equal(world.trusted(), false);
  assert.equal(world.pass(EVEN_MS), true);
});
