import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Flood } from '../../src/server/flood.ts';
import { SimulatedTime } from '../sim/time.ts';
import { keepingLog, type Line } from './world.ts';

function flood() {
  const time = new SimulatedTime();
  const lines: Line[] = [];
  const made = new Flood({ clock: time, timers: time, log: keepingLog(lines) });
  /** Refusals that were answered, by whether the socket may stay. */
  const answered: boolean[] = [];
  const refuse = async (times: number, connection = 'okta'): Promise<void> => {
    for (let at = 0; at < times; at++) void made.hold(connection).then((kept) => answered.push(kept));
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { made, time, lines, answered, refuse };
}

test('ten refusals of a second go out at once, later ones a second late; each connection and second has its own', async () => {
  const { time, answered, refuse } = flood();
  await refuse(12);
  assert.equal(answered.length, 10);
  await refuse(1, 'entra');
  assert.equal(answered.length, 11);
  await time.advance(1_000);
  assert.equal(answered.length, 13);
  await refuse(10);
  assert.equal(answered.length, 23);
  assert.ok(answered.every((kept) => kept));
});

test('where 512 are held already the socket is closed; who was answered is held no more', async () => {
  const { time, answered, refuse } = flood();
  await refuse(10 + 512);
  assert.equal(answered.length, 10);
  await refuse(3);
  assert.deepEqual(answered.slice(10), [false, false, false]);
  await refuse(1, 'entra');
  assert.equal(answered.at(-1), true, 'another connection');
  await time.advance(1_000);
  assert.equal(answered.filter((kept) => kept).length, 10 + 512 + 1);
  await refuse(10 + 512);
  assert.equal(answered.filter((kept) => !kept).length, 3);
});

test('a service that stops answers what is held, and holds nothing any more', async () => {
  const { made, answered, refuse } = flood();
  await refuse(15);
  made.release();
  await refuse(5);
  assert.deepEqual(answered, Array(20).fill(true));
});

test('a token that was over its limit is known for a second at most, and no longer than its limit holds', async () => {
  const { made, time } = flood();
  made.remember('Bearer long', 'okta', 60_000);
  made.remember('Bearer short', 'entra', 300);
  made.remember(undefined, 'okta', 60_000);
  assert.deepEqual(
    ['Bearer long', 'Bearer short', 'Bearer other', undefined].map((one) => made.connectionOf(one)),
    ['okta', 'entra', undefined, undefined],
  );
  await time.advance(300);
  assert.equal(made.connectionOf('Bearer short'), undefined);
  await time.advance(699);
  assert.equal(made.connectionOf('Bearer long'), 'okta');
  await time.advance(1);
  assert.equal(made.connectionOf('Bearer long'), undefined, 'a revocation is seen');
});

test('no more than a thousand tokens are remembered', () => {
  const { made } = flood();
  for (let at = 0; at <= 1_000; at++) made.remember(`Bearer ${at}`, 'okta', 1_000);
  assert.equal(made.connectionOf('Bearer 0'), undefined);
  assert.equal(made.connectionOf('Bearer 1000'), 'okta');
});

test('a flood is told of once a minute, with how many were refused since', async () => {
  const { lines, time, refuse } = flood();
  await refuse(3);
  await time.advance(59_999);
  await refuse(1);
  assert.equal(lines.length, 1);
  await time.advance(1);
  await refuse(1);
  assert.deepEqual(
    lines.map(({ level, fields }) => [level, fields.connection, fields.refused]),
    [
      ['warn', 'okta', 1],
      ['warn', 'okta', 4],
    ],
  );
});
