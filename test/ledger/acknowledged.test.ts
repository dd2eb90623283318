import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Acknowledged } from '../../src/ledger/acknowledged.ts';
import { SimulatedTime } from '../sim/time.ts';

const record = (uid: string) => ({ uid, at: '2026-11-28T20:00:00.000Z' });
const uids = (kept: Acknowledged) => kept.all().map(({ uid }) => uid);

test('of what was found within half a second the newest is remembered, for two and a half minutes', async () => {
  const time = new SimulatedTime();
  const kept = new Acknowledged(time);
  for (const uid of ['a', 'b']) kept.note(record(uid));
  await time.advance(500);
  kept.note(record('c'));
  assert.deepEqual(uids(kept), ['a', 'b', 'c']);
  kept.seen(kept.all(), []);
  assert.deepEqual(uids(kept), ['b', 'c']);
  await time.advance(149_500);
  kept.seen(kept.all(), []);
  assert.deepEqual(uids(kept), ['b', 'c']);
  await time.advance(500);
  kept.seen(kept.all(), []);
  assert.deepEqual(uids(kept), ['c']);
});

test('nothing is forgotten for something newer that was not found beside it, however soon that came', () => {
  const kept = new Acknowledged(new SimulatedTime());
  kept.note(record('a'));
  kept.seen(kept.lately(), []);
  kept.note(record('b'));
  kept.note(record('c'));
  const looked = kept.lately();
  assert.deepEqual(
    looked.map(({ uid }) => uid),
    ['a', 'b', 'c'],
  );
  kept.note(record('d'));
  kept.seen(looked, looked.slice(0, 1));
  assert.deepEqual([uids(kept), kept.isUnseen], [['c', 'd'], true]);
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

test('what was noted since the last look is asked for together with the newest that was there', async () => {
  const time = new SimulatedTime();
  const kept = new Acknowledged(time);
  const note = async (uid: string): Promise<void> => {
    kept.note(record(uid));
    await time.advance(500);
  };
  const lately = () => kept.lately().map(({ uid }) => uid);
  assert.deepEqual(lately(), []);
  for (const uid of ['a', 'b']) await note(uid);
  assert.deepEqual(lately(), ['a', 'b']);
  kept.seen(kept.lately(), []);
  assert.deepEqual(lately(), ['b']);
  await note('c');
  assert.deepEqual(lately(), ['b', 'c']);
  kept.seen(kept.lately(), kept.lately().slice(0, 1));
  assert.deepEqual([lately(), uids(kept)], [['c'], ['a', 'c']]);
});
