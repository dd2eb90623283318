import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Acknowledged } from '../../src/ledger/acknowledged.ts';
import { SimulatedTime } from '../sim/time.ts';

const record = (uid: string) => ({ uid, at: '2026-11-28T20:00:00.000Z' });
const uids = (kept: Acknowledged) => kept.all().map(({ uid }) => uid);

test('of what is acknowledged within half a second the newest is remembered, for two and a half minutes', async () => {
  const time = new SimulatedTime();
  const kept = new Acknowledged(time);
  for (const uid of ['a', 'b']) kept.note(record(uid));
  await time.advance(500);
  kept.note(record('c'));
  assert.deepEqual(uids(kept), ['b', 'c']);
  await time.advance(149_500);
  kept.seen(kept.all(), []);
  assert.deepEqual(uids(kept), ['b', 'c']);
  await time.advance(500);
  kept.seen(kept.all(), []);
  assert.deepEqual(uids(kept), ['c']);
});

test('what nobody has looked at is kept however long the database is away, and what is gone is not asked again', async () => {
  const time = new SimulatedTime();
  const kept = new Acknowledged(time);
  kept.note(record('a'));
  await time.advance(3_600_000);
  const looked = kept.all();
  kept.note(record('b'));
  assert.equal(kept.isUnseen, true);
  kept.seen(looked, looked);
  assert.deepEqual([uids(kept), kept.isUnseen], [['b'], true]);
  kept.seen(kept.all(), []);
  assert.equal(kept.isUnseen, false);
});
