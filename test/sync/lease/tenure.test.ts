import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SERVES } from '../../../src/store/use.ts';
import { isHeld, LEASE_MS, raiseFence, releaseLease, takeLease } from '../../../src/sync/lease/lease.ts';
import { Tenure } from '../../../src/sync/lease/tenure.ts';
import { answer } from '../../../src/sync/orders/commands.ts';
import { keepingLog, type Line } from '../../server/world.ts';
import { SimulatedTime } from '../../sim/time.ts';
import { openTestStore } from '../../store/open.ts';

const living = (name: string) => ({ name, alive: () => true });
const never = (): void => assert.fail('a lease that is renewed begins nothing');

async function made(t: TestContext) {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const lines: Line[] = [];
  const tenure = new Tenure({ store, clock: time, timers: time, holder: living('a'), log: keepingLog(lines) }, 'ci');
  return { store, time, tenure, lines, other: () => takeLease(store, time, living('b'), 'ci') };
}

test('a lease is renewed until it is given back, however long its last pass takes', async (t) => {
  const { time, tenure, other } = await made(t);
  let begun = 0;
  assert.equal(tenure.isHeld, false);
  const first = await tenure.hold(() => begun++);
  assert.equal((await tenure.hold(never))?.fence, first?.fence);
  for (let passed = 0; passed < 4 * LEASE_MS; passed += LEASE_MS / 6) {
    await time.advance(LEASE_MS / 6);
    assert.equal(await other(), undefined, `after ${passed} ms`);
  }
  assert.equal((await tenure.hold(never))?.overtook, false);
  await tenure.end();
  assert.ok((await other())!.fence > first!.fence);
  assert.equal(begun, 1);
});

test('whoever lost it takes it anew when the other one is silent, and says that it overtook', async (t) => {
  const { time, tenure, other } = await made(t);
  await tenure.hold(() => {});
  await tenure.end();
  const others = await other();
  tenure.lost();
  assert.equal(await tenure.hold(never), undefined);
  assert.equal(tenure.isHeld, false);
  await time.advance(LEASE_MS + 1);
  let begun = 0;
  const again = await tenure.hold(() => begun++);
  assert.deepEqual([again!.fence > others!.fence, again?.overtook, begun], [true, true, 1]);
});

test('that another process works on a controller is said once, until this one has worked on it', async (t) => {
  const { store, time, tenure, lines, other } = await made(t);
  const standing = { level: 'info', message: 'another process works on a controller', fields: { controller: 'ci' } };
  const lease = await other();
  for (let looks = 0; looks < 3; looks++) assert.equal(await tenure.hold(never), undefined);
  assert.deepEqual(lines, [standing]);
  await releaseLease(store, lease!);
  await tenure.hold(() => {});
  await tenure.end();
  tenure.lost();
  await other();
  await tenure.hold(never);
  await time.advance(LEASE_MS / 2);
  assert.deepEqual(lines, [standing, standing]);
});

test('where the database went back to an earlier lease of this process it begins anew, with a fence that is higher than both', async (t) => {
  const { store, time, tenure, other } = await made(t);
  await tenure.hold(() => {});
  const kept = await store.read((db) => db.selectFrom('leases').selectAll().executeTakeFirstOrThrow());
  await time.advance(1);
  await releaseLease(store, { ...kept, expiresAt: kept.expires_ms, overtook: false });
  await other();
  tenure.lost();
  await time.advance(LEASE_MS + 1);
  const last = await tenure.hold(() => {});
  await store.write(({ db }) =>
    db
      .updateTable('leases')
      .set({ ...kept, expires_ms: time.now() + LEASE_MS })
      .execute(),
  );
  await time.advance(LEASE_MS);
  let begun = 0;
  const again = await tenure.hold(() => begun++);
  assert.ok(again!.fence > last!.fence);
  assert.equal(begun, 1);
});

test('a lease that is renewed for new work is the same one: nothing begins anew', async (t) => {
  const { time, tenure } = await made(t);
  const first = await tenure.hold(() => {});
  const until = first!.expiresAt;
  await time.advance(LEASE_MS / 6);
  assert.equal(await tenure.hold(never), first, 'long enough to go on');
  await time.advance(LEASE_MS / 2);
  const renewed = await tenure.hold(never);
  assert.equal(renewed?.fence, first?.fence);
  assert.ok(renewed!.expiresAt > until);
});

test('a fence that is raised in the middle of a pass is that of the lease from then on, through every renewal', async (t) => {
  const { store, time, tenure, other } = await made(t);
  const lease = await tenure.hold(() => {});
  const { fence } = lease!;
  await time.advance(LEASE_MS / 2);
  await raiseFence(store, time, lease!);
  assert.ok(lease!.fence > fence);
  await time.advance(LEASE_MS);
  assert.equal(await store.read((db) => isHeld(db, lease!)), true, 'renewed while the pass goes on');
  const renewed = await tenure.hold(never);
  assert.deepEqual([renewed?.fence, renewed?.overtook], [lease!.fence, true]);
  await tenure.end();
  const next = await other();
  assert.ok(next!.fence > lease!.fence);
  await raiseFence(store, time, lease!);
  assert.equal(await store.read((db) => isHeld(db, next!)), true, 'whoever has it not any more raises nothing');
});

test('once it was taken from somebody it is said with every renewal, until the process ends', async (t) => {
  const { time, tenure, other } = await made(t);
  await other();
  await time.advance(LEASE_MS);
  assert.equal((await tenure.hold(() => {}))?.overtook, true);
  await time.advance(LEASE_MS);
  assert.equal((await tenure.hold(never))?.overtook, true);
  await tenure.end();
});

test('whoever ends before the controller was told of a raised fence leaves what may be under way to the next one', async (t) => {
  const { store, time, tenure, other } = await made(t);
  const lease = await tenure.hold(() => {});
  await raiseFence(store, time, lease!);
  await tenure.end();
  const next = await other();
  assert.deepEqual([next!.fence > lease!.fence, next?.overtook], [true, true]);
  next!.told = next!.fence;
  await releaseLease(store, next!);
  assert.equal((await takeLease(store, time, living('c'), 'ci'))?.overtook, false, 'the controller was told');
});

test('orders that the one before left running have failed, of this controller only, and are forgotten like any other', async (t) => {
  const { store, time, tenure } = await made(t);
  const put = (id: string, controller: string, state: 'running' | 'waiting') =>
    store.write(({ db }) =>
      db
        .insertInto('commands')
        .values({
          ...{ id, controller, state, kind: 'sync', body: '{"kind":"sync"}' },
          ...{ result: null, created_ms: time.now(), done_ms: null },
        })
        .execute(),
    );
  await put('left', 'ci', 'running');
  await put('to come', 'ci', 'waiting');
  await put('elsewhere', 'cd', 'running');
  await tenure.hold(() => {});
  const states = async () =>
    new Map(
      (await store.read((db) => db.selectFrom('commands').selectAll().execute())).map(({ id, state }) => [id, state]),
    );
  assert.deepEqual(Object.fromEntries(await states()), { left: 'failed', 'to come': 'waiting', elsewhere: 'running' });
  await tenure.end();
  await time.advance(86_400_001);
  const next = { id: 'to come', controller: 'ci', order: { kind: 'sync' as const } };
  await answer({ store, clock: time }, next, { failed: false, value: null });
  assert.deepEqual([...(await states()).keys()].sort(), ['elsewhere', 'to come']);
});

test('what was given back, or lost, is not renewed any more', async (t) => {
  for (const leave of ['end', 'lost'] as const) {
    const { store, time, tenure, other } = await made(t);
    await tenure.hold(() => {});
    if (leave === 'end') await tenure.end();
    else tenure.lost();
    await time.advance(LEASE_MS);
    assert.ok(await other(), leave);
    const taken = await store.read((db) => db.selectFrom('leases').selectAll().executeTakeFirstOrThrow());
    await time.advance(LEASE_MS);
    const later = await store.read((db) => db.selectFrom('leases').selectAll().executeTakeFirstOrThrow());
    assert.deepEqual(later, taken);
  }
});

/** Another process says that it serves, from now on for as long as a lease lasts. */
const serves = ({ store, time }: Awaited<ReturnType<typeof made>>, name: string) =>
  takeLease(store, time, living(name), `${SERVES}${name}`);

test('whoever gives way keeps no lease for a while, and what it sent may still be under way', async (t) => {
  const here = await made(t);
  const { time, tenure, other } = here;
  const first = await tenure.hold(() => {});
  await serves(here, 'b');
  const away = await tenure.giveWay();
  assert.ok(away > time.now());
  assert.equal(await tenure.hold(never), undefined, 'the other one comes first');
  const others = await other();
  assert.deepEqual([others!.fence > first!.fence, others?.overtook], [true, true]);
  await time.advance(away - time.now());
  assert.equal(await tenure.hold(never), undefined, 'it is the other one that has it now');
  await time.advance(LEASE_MS);
  let begun = 0;
  assert.ok((await tenure.hold(() => begun++))!.fence > others!.fence);
  assert.equal(begun, 1);
});

test('whoever gives way to nobody goes on where it was', async (t) => {
  const here = await made(t);
  const { time, tenure, other } = here;
  const first = await tenure.hold(() => {});
  await serves(here, 'a');
  assert.equal(await tenure.giveWay(), 0, 'it is alone');
  assert.equal(await other(), undefined);
  await serves(here, 'b');
  await time.advance((await tenure.giveWay()) - time.now());
  const again = await tenure.hold(never);
  assert.deepEqual([again?.fence, again?.overtook], [first?.fence, false]);
  assert.equal(await other(), undefined, 'it is renewed as ever');
  await time.advance(LEASE_MS + 1);
  assert.equal(await tenure.giveWay(), 0, 'who served is silent');
});

test('whoever is woken while it is away stays away no longer than it said', async (t) => {
  const here = await made(t);
  const { time, tenure } = here;
  await tenure.hold(() => {});
  await serves(here, 'b');
  const away = await tenure.giveWay();
  for (; time.now() < away; await time.advance(250)) {
    assert.equal(await tenure.hold(never), undefined);
    assert.equal(await tenure.giveWay(), away, 'an order that waits wakes it four times a second');
  }
  assert.ok(await tenure.hold(never));
});
