import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  holderName,
  isHeld,
  LEASE_MS,
  letGo,
  RENEW_MS,
  raiseFence,
  releaseLease,
  takeLease,
  whileHeld,
} from '../../../src/sync/lease/lease.ts';
import { SimulatedTime, seededRandom } from '../../sim/time.ts';
import { openTestStore } from '../../store/open.ts';

const living = (name: string) => ({ name, alive: () => true });

test('one writer per controller: a second process gets nothing while the first lives', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const first = await takeLease(store, time, living('a'), 'ci');
  assert.ok(first);
  assert.equal(await takeLease(store, time, living('b'), 'ci'), undefined);
  assert.ok(await takeLease(store, time, living('b'), 'other'));
});

test('renewal keeps the fence, every other way to a lease raises it', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const first = await takeLease(store, time, living('a'), 'ci');
  await time.advance(10_000);
  const renewed = await takeLease(store, time, living('a'), 'ci', first);
  assert.equal(renewed?.fence, first?.fence);
  assert.ok(renewed!.expiresAt > first!.expiresAt);
  await releaseLease(store, renewed!);
  const second = await takeLease(store, time, living('b'), 'ci');
  assert.ok(second!.fence > first!.fence);
  await time.advance(LEASE_MS);
  assert.ok((await takeLease(store, time, living('a'), 'ci'))!.fence > second!.fence);
});

test('no fence is given twice, however old the backup or the standby is that the leases come from', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  await releaseLease(store, (await takeLease(store, time, living('a'), 'ci'))!);
  const kept = await store.read((db) => db.selectFrom('leases').selectAll().executeTakeFirstOrThrow());
  let highest = 0;
  for (const name of ['b', 'c', 'd']) {
    await time.advance(1);
    const lease = await takeLease(store, time, living(name), 'ci');
    highest = lease!.fence;
    await releaseLease(store, lease!);
  }
  await store.write(({ db }) => db.updateTable('leases').set(kept).execute());
  await time.advance(1);
  assert.ok((await takeLease(store, time, living('e'), 'ci'))!.fence > highest);
  await store.write(({ db }) => db.deleteFrom('leases').execute());
  await time.advance(1);
  assert.ok((await takeLease(store, time, living('f'), 'ci'))!.fence > highest);
});

test('the lease of a process that is dead is taken over at once, with a higher fence', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const dead = await takeLease(store, time, living('dead'), 'ci');
  const taken = await takeLease(store, time, { name: 'b', alive: (name) => name !== 'dead' }, 'ci');
  assert.ok(taken!.fence > dead!.fence);
});

test('a clock that is set back lengthens nobody’s lease: who is silent is taken over, and told apart by the fence', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const set = (by: number) => ({ now: () => time.now() + by, monotonic: () => time.monotonic() });
  const ahead = await takeLease(store, set(3_600_000), living('a'), 'ci');
  const taken = await takeLease(store, set(0), living('b'), 'ci');
  assert.deepEqual([taken?.overtook, taken!.fence > ahead!.fence], [true, true]);
  assert.equal(
    await takeLease(store, set(-5_000), living('c'), 'ci'),
    undefined,
    'a step of some seconds changes nothing',
  );
  const renewed = await takeLease(store, set(-3_600_000), living('b'), 'ci', taken);
  assert.equal(renewed?.fence, taken?.fence, 'who goes on has it as before');
  assert.equal(await takeLease(store, set(-3_600_000), living('c'), 'ci'), undefined);
});

test("giving back somebody else's lease changes nothing", async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const first = await takeLease(store, time, living('a'), 'ci');
  await releaseLease(store, { ...first!, holder: 'b' });
  assert.equal(await takeLease(store, time, living('b'), 'ci'), undefined);
});

test('no two processes have one name', () => {
  const random = seededRandom();
  assert.notEqual(holderName('host', 1, random), holderName('host', 1, random));
});

test('an order that takes longer than a lease keeps it, and gives it back', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const keeping = { store, clock: time, timers: time, random: seededRandom(1), holder: living('a') };
  const done = await whileHeld(keeping, 'ci', async (lease) => {
    for (let passed = 0; passed < 4 * LEASE_MS; passed += LEASE_MS / 6) {
      await time.advance(LEASE_MS / 6);
      assert.equal(await takeLease(store, time, living('b'), 'ci'), undefined, `after ${passed} ms`);
    }
    return lease.fence;
  });
  assert.ok((await takeLease(store, time, living('b'), 'ci'))!.fence > done!.value);
});

test('an order of the very process that serves does not take the lease from under its worker', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const keeping = { store, clock: time, timers: time, random: seededRandom(1), holder: living('a') };
  const working = await takeLease(store, time, living('a'), 'ci');
  assert.equal(await whileHeld(keeping, 'ci', () => assert.fail('the worker has it')), undefined);
  assert.equal(await store.read((db) => isHeld(db, working!)), true);
  await releaseLease(store, working!);
  await whileHeld(keeping, 'ci', async (lease) => {
    assert.equal(
      await takeLease(store, time, living('a'), 'ci'),
      undefined,
      'nor does the worker from under the order',
    );
    assert.equal(await whileHeld(keeping, 'ci', () => assert.fail('another order has it')), undefined);
    assert.equal(await store.read((db) => isHeld(db, lease)), true);
  });
});

test('a worker that was not told of its own lease, or lost count of its fence, takes it anew at once', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const unheard = await takeLease(store, time, living('a'), 'ci');
  const again = await takeLease(store, time, living('a'), 'ci');
  assert.ok(again!.fence > unheard!.fence);
  assert.equal(again!.overtook, false);
});

test('work that fails gives the lease back; where another one has it there is no work', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const keeping = { store, clock: time, timers: time, random: seededRandom(1), holder: living('a') };
  await assert.rejects(
    whileHeld(keeping, 'ci', async () => {
      throw new Error('no');
    }),
    /no/,
  );
  await takeLease(store, time, living('b'), 'ci');
  assert.equal(await whileHeld(keeping, 'ci', () => assert.fail('it is not ours')), undefined);
});

test('leases of several controllers are taken over and given back one by one', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const one = await takeLease(store, time, living('a'), 'ci');
  await time.advance(LEASE_MS / 2);
  const two = await takeLease(store, time, living('a'), 'cd');
  await time.advance(LEASE_MS / 2);
  const taken = await takeLease(store, time, living('b'), 'ci');
  assert.equal(taken?.overtook, true);
  const held = (lease: typeof one) => store.read((db) => isHeld(db, lease!));
  assert.deepEqual([await held(one), await held(two), await held(taken)], [false, true, true]);
  await releaseLease(store, taken!);
  assert.equal(await takeLease(store, time, living('c'), 'cd'), undefined, 'that one was not given back');
  const third = await takeLease(store, time, living('a'), 'third');
  await releaseLease(store, third!);
  assert.deepEqual([await held(two), await held(third)], [true, false], 'the same process has it still');
});

test('a lease is held by its holder, at its controller, with its fence', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const lease = (await takeLease(store, time, living('a'), 'ci'))!;
  await takeLease(store, time, living('a'), 'cd');
  await time.advance(1);
  await takeLease(store, time, living('b'), 'other');
  const held = (more: object) => store.read((db) => isHeld(db, { ...lease, ...more }));
  assert.equal(await held({}), true);
  for (const more of [{ controller: 'other' }, { holder: 'b' }, { fence: lease.fence + 1 }])
    assert.equal(await held(more), false, JSON.stringify(more));
});

test('the fence of another one is not kept by whoever knows it', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const lease = (await takeLease(store, time, living('a'), 'ci'))!;
  await time.advance(LEASE_MS);
  assert.ok((await takeLease(store, time, living('b'), 'ci', lease))!.fence > lease.fence);
});

test('when an order is done its lease is renewed no more', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const keeping = { store, clock: time, timers: time, random: seededRandom(1), holder: living('a') };
  let going: Promise<void> | undefined;
  await whileHeld(keeping, 'ci', async () => {
    await time.advance(RENEW_MS);
    going = time.advance(RENEW_MS);
  });
  await going;
  await time.advance(3 * RENEW_MS);
  assert.deepEqual(
    (await store.read((db) => db.selectFrom('leases').selectAll().execute())).map(({ holder, expires_ms }) => [
      holder,
      expires_ms,
    ]),
    [['', 0]],
  );
});

test('a raised fence is higher than the last one and than the time, and of whoever holds the lease alone', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const rows = () => store.read((db) => db.selectFrom('leases').select(['holder', 'fence']).execute());
  const first = (await takeLease(store, time, living('a'), 'ci'))!;
  const stale = { ...first };
  await raiseFence(store, time, first);
  assert.deepEqual([first.fence, first.overtook], [stale.fence + 1, true], 'in the same millisecond');
  await time.advance(1_000);
  await raiseFence(store, time, first);
  assert.equal(first.fence, time.now());
  for (const other of [{ ...first, holder: 'b' }, stale]) {
    const before = { ...other };
    await raiseFence(store, time, other);
    await letGo(store, other);
    assert.deepEqual(other, before);
    assert.deepEqual(await rows(), [{ holder: 'a', fence: first.fence }]);
    assert.equal(await takeLease(store, time, living('c'), 'ci'), undefined, 'nobody let go of it');
  }
  await letGo(store, first);
  assert.ok((await takeLease(store, time, living('c'), 'ci'))?.overtook);
});

test('a renewal that fails harms no work, and is tried again', async (t) => {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  let failing = false;
  const write: typeof store.write = (work, options) =>
    failing ? Promise.reject(new Error('the database is away')) : store.write(work, options);
  const faulty = { ...store, read: store.read.bind(store), write };
  const keeping = { store: faulty, clock: time, timers: time, random: seededRandom(1), holder: living('a') };
  const end = () => store.read((db) => db.selectFrom('leases').select('expires_ms').executeTakeFirstOrThrow());
  const done = await whileHeld(keeping, 'ci', async () => {
    failing = true;
    await time.advance(RENEW_MS);
    failing = false;
    await time.advance(RENEW_MS);
    return (await end()).expires_ms;
  });
  assert.equal(done?.value, time.now() + LEASE_MS);
});
