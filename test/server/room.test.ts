import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Room } from '../../src/server/room.ts';
import { SimulatedTime } from '../sim/time.ts';

test('whoever waited too long holds up nobody behind them who fits', async () => {
  const time = new SimulatedTime();
  const room = new Room(10, { timers: time, patience: 1_000 });
  const told: string[] = [];
  const enter = async (name: string, size: number) => {
    const leave = await room.enter('okta', size);
    told.push(`${name} ${leave === undefined ? 'turned away' : 'in'}`);
    return leave;
  };
  const first = await enter('first', 6);
  const large = enter('large', 8);
  await time.advance(500);
  const small = enter('small', 4);
  await time.advance(499);
  assert.deepEqual(told, ['first in'], 'the small one waits for its turn');
  await time.advance(1);
  await Promise.all([large, small]);
  assert.deepEqual(told.toSorted(), ['first in', 'large turned away', 'small in']);
  first!();
  first!();
  const next = enter('next', 6);
  await next;
  const over = enter('over', 1);
  await time.advance(1_000);
  assert.equal(await over, undefined, 'who leaves twice leaves once');
});

test('who was let in in time pushes nobody out when its time would have been over', async () => {
  const time = new SimulatedTime();
  const room = new Room(10, { timers: time, patience: 1_000 });
  const first = await room.enter('okta', 10);
  const second = room.enter('okta', 10);
  await time.advance(500);
  first!();
  const leave = await second;
  const third = room.enter('okta', 10);
  await time.advance(600);
  leave!();
  assert.notEqual(await third, undefined);
});
