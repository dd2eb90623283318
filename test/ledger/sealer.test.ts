import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Log, SILENT } from '../../src/access/ports/log.ts';
import type { SignedHead } from '../../src/ledger/head.ts';
import { SEAL_EVERY, SIGN_EVERY, startSealer } from '../../src/ledger/sealer.ts';
import { SimulatedTime, settle } from '../sim/time.ts';

function world(options: { fail?: () => boolean; empty?: boolean; slow?: Promise<void> } = {}) {
  const time = new SimulatedTime();
  const done: string[] = [];
  const told: { message: string; fields: Record<string, unknown> | undefined }[] = [];
  const tell = (message: string, fields?: Record<string, unknown>) => void told.push({ message, fields });
  const log: Log = { ...SILENT, info: tell, error: tell };
  const heads: SignedHead[] = [];
  const ledger = {
    async seal() {
      if (options.fail?.() === true) throw new Error('locked');
      await options.slow;
      done.push('seal');
      return 0;
    },
    async signHead() {
      if (options.fail?.() === true) throw new Error('locked');
      done.push('sign');
      return options.empty === true ? undefined : { seq: done.length, hash: 'h', at: 'now', signature: 's' };
    },
  };
  const sealer = startSealer({ ledger, clock: time, timers: time, log, onHead: (head) => heads.push(head) });
  return { time, done, told, heads, sealer };
}

test('records are sealed within a second, heads signed each minute', async () => {
  const { time, done, heads, told } = world();
  await time.advance(1000);
  assert.deepEqual(done, ['sign', 'seal']);
  await time.advance(SIGN_EVERY + SEAL_EVERY);
  assert.equal(done.filter((what) => what === 'sign').length, 2);
  assert.ok(done.length >= 1 + SIGN_EVERY / SEAL_EVERY);
  assert.equal(heads.length, 2);
  assert.deepEqual(told[0], {
    message: 'ledger head',
    fields: { seq: 1, hash: 'h', at: 'now', signature: 's' },
  });
});

test('a failure is told and tried again', async () => {
  let broken = true;
  const { time, done, told } = world({ fail: () => broken });
  await time.advance(2000);
  assert.deepEqual(done, []);
  assert.equal(told[0]?.message, 'the ledger is not sealed');
  broken = false;
  await time.advance(1000);
  assert.equal(done[0], 'sign');
  await time.advance(SIGN_EVERY);
  assert.equal(told.filter(({ message }) => message === 'the ledger is sealed again').length, 1);
});

test('of a ledger with nothing in it there is no head to tell', async () => {
  const { time, heads, told, sealer } = world({ empty: true });
  await time.advance(SIGN_EVERY);
  await sealer.stop();
  assert.deepEqual([heads, told], [[], []]);
});

test('who stops it while it seals waits for that, and it goes on no more', async () => {
  const gate = Promise.withResolvers<void>();
  const { time, done, sealer } = world({ slow: gate.promise });
  await time.advance(2 * SEAL_EVERY);
  assert.deepEqual(done, ['sign']);
  const stopped = sealer.stop();
  await settle();
  assert.deepEqual(done, ['sign'], 'it still seals');
  gate.resolve();
  await stopped;
  assert.deepEqual(done, ['sign', 'seal', 'sign']);
  await time.advance(SIGN_EVERY);
  assert.deepEqual(done, ['sign', 'seal', 'sign']);
});

test('stopping signs the last head and seals no more', async () => {
  const { time, done, heads, sealer } = world();
  await sealer.stop();
  assert.deepEqual(done, ['sign']);
  assert.equal(heads.length, 1);
  await time.advance(10_000);
  assert.deepEqual(done, ['sign']);
});
