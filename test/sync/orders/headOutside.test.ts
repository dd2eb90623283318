import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Acknowledged } from '../../../src/ledger/acknowledged.ts';
import { anyWaiting, ask } from '../../../src/sync/orders/commands.ts';
import { HeadOutside, type Outside } from '../../../src/sync/orders/headOutside.ts';
import type { Applied } from '../../../src/sync/orders/orders.ts';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;

test('a database that was put back by any means puts every controller on hold: no leaver comes back', async (t) => {
  const { world, outside, look } = await kept(t);
  await world.change('ana', { active: false });
  await world.order(sync);
  await keep(world, outside);
  await forgotten(world);
  await look();
  assert.deepEqual(await holds(world), ['cd', 'ci']);
  world.start();
  await world.person('bo');
  await world.add('ci-pay-dev', 'bo');
  await world.context.timers.sleep(300);
  assert.deepEqual(world.holders('pay-developer'), []);
  assert.equal(world.lines.filter(({ message }) => message.startsWith('the database is older')).length, 1);
});

test('it is told once: who resumes is not held again by the same head, nor by one of another replica of before', async (t) => {
  const { world, outside, look } = await kept(t);
  const before = outside.text!;
  await world.change('ana', { active: false });
  await keep(world, outside);
  await forgotten(world);
  await look();
  await world.store.write(({ db }) => db.updateTable('controllers').set({ on_hold: 0 }).execute());
  await look();
  const other: Held = { text: outside.text!, read: () => other.text, write: () => {} };
  await outsideOf(world, other).looking.look();
  assert.deepEqual(await holds(world), []);
  outside.text = before;
  await look();
  assert.deepEqual(await holds(world), []);
});

test('it is told once, also where the clock was ahead when the head was signed: no other head is excused by that', async (t) => {
  const { world, outside, looking, look } = await kept(t);
  await world.change('ana', { active: false });
  world.time.leap(3_600_000);
  await keep(world, outside);
  world.time.leap(-3_600_000);
  await forgotten(world);
  await looking.lookBack();
  const resumed = () => world.store.write(({ db }) => db.updateTable('controllers').set({ on_hold: 0 }).execute());
  await resumed();
  for (let time = 0; time < 2; time++) await look();
  assert.deepEqual(await holds(world), []);
  assert.equal((await recorded(world)).length, 1);
  for (const active of [true, false]) await world.change('ana', { active });
  world.time.leap(1_800_000);
  await keep(world, outside);
  world.time.leap(-1_800_000);
  await forgotten(world);
  await look();
  assert.deepEqual(await holds(world), ['cd', 'ci']);
});

test('what was acknowledged after the head that was kept, and is gone, puts every controller on hold within a turn', async (t) => {
  const { world, looking } = await kept(t);
  await looking.lookBack();
  await world.change('ana', { active: false });
  await forgotten(world);
  await looking.lookBack();
  assert.deepEqual(await holds(world), ['cd', 'ci']);
  const [{ body } = { body: '' }] = await recorded(world);
  const { lostSince, expected, controllers } = JSON.parse(body);
  assert.match(lostSince, /^2026-/);
  assert.deepEqual([expected, controllers], [undefined, ['ci', 'cd']]);
});

test('who left is given nothing back from a database that has not heard of it, as where a standby took over', async (t) => {
  const { world, looking } = await kept(t);
  await world.change('ana', { active: false });
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
  await looking.look();
  await forgotten(world);
  Object.assign(world.context, { lookBack: () => looking.lookBack() });
  const before = world.practice.look.saves;
  world.start();
  await world.person('bo');
  await world.add('ci-pay-dev', 'bo');
  await world.context.timers.sleep(300);
  assert.deepEqual([world.holders('pay-developer'), world.practice.look.saves], [[], before]);
  assert.deepEqual(await holds(world), ['cd', 'ci']);
});

test('who left is given nothing back where a standby takes over amid a turn, after it was looked for one', async (t) => {
  const { world, looking } = await kept(t);
  await world.change('ana', { active: false });
  await world.order(sync);
  await looking.look();
  let looked = 0;
  const lookBack = async (): Promise<void> => {
    await looking.lookBack();
    if (++looked === 1) await forgotten(world);
  };
  Object.assign(world.context, { lookBack });
  const before = world.practice.look.saves;
  world.start();
  await eventually(async () => (await holds(world)).length === 2);
  await world.context.timers.sleep(300);
  assert.deepEqual([world.holders('pay-developer'), world.practice.look.saves], [[], before]);
});

test('an order that waits when a standby takes over is refused by whoever notices, and gives nothing back', async (t) => {
  const { world, looking } = await kept(t);
  await world.change('ana', { active: false });
  await world.order(sync);
  await looking.look();
  await forgotten(world);
  Object.assign(world.context, { lookBack: () => looking.lookBack() });
  const asked = ask(world.context, 'ci', { kind: 'apply' }, 30_000);
  await eventually(() => anyWaiting(world.store));
  world.start();
  const answered = (await asked) as Applied;
  assert.match(answered.error ?? 'it was carried out', /on hold since a restore: `jenkins-scim resume controller ci`/);
  assert.deepEqual([world.holders('pay-developer'), await holds(world)], [[], ['cd', 'ci']]);
});

test('what is recorded right after a standby took over hides nothing of what it lacks', async (t) => {
  const { world, looking } = await kept(t);
  await world.person('bo');
  await world.change('ana', { active: false });
  await looking.lookBack();
  await forgotten(world);
  await world.change('bo', { displayName: 'Bo' });
  await looking.lookBack();
  assert.deepEqual(await holds(world), ['cd', 'ci']);
});

test('what one replica was told is gone holds once, whoever else was told of the same or of more', async (t) => {
  const { world, outside, looking, look } = await kept(t);
  const other = outsideOf(world, outside, new Acknowledged(world.context.clock));
  await world.change('ana', { active: false });
  for (const record of world.ledger.acknowledged.all()) other.acknowledged.note(record);
  await forgotten(world);
  await looking.lookBack();
  await world.store.write(({ db }) => db.updateTable('controllers').set({ on_hold: 0 }).execute());
  for (const again of [looking, other.looking]) for (const how of ['look', 'lookBack'] as const) await again[how]();
  await look();
  assert.deepEqual(await holds(world), []);
  assert.equal((await recorded(world)).length, 1);
});

test('a database that holds all that was acknowledged holds nothing, and is asked once for it', async (t) => {
  const { world, looking } = await kept(t);
  await world.change('ana', { active: false });
  await looking.lookBack();
  assert.equal(world.ledger.acknowledged.isUnseen, false);
  assert.deepEqual(await holds(world), []);
});

test('a database that went on, a first start, and a head of other keys hold nothing', async (t) => {
  const { world, outside, look } = await kept(t);
  await world.person('bo');
  await look();
  assert.deepEqual(await holds(world), []);
  outside.text = undefined;
  await look();
  assert.deepEqual(await holds(world), []);
  await world.ledger.seal();
  outside.text = JSON.stringify({
    seq: 9_999,
    hash: 'a'.repeat(64),
    at: '2026-01-01T00:00:00.000Z',
    signature: 'AAAA',
  });
  await look();
  assert.deepEqual(await holds(world), []);
  assert.ok(world.lines.some(({ message }) => message === 'the last head that was kept cannot be used'));
});

test('that it went back once excuses nothing that is lost later', async (t) => {
  const { world, outside, look } = await kept(t);
  await world.change('ana', { active: false });
  await keep(world, outside);
  await forgotten(world);
  await look();
  await world.store.write(({ db }) => db.updateTable('controllers').set({ on_hold: 0 }).execute());
  world.time.forward(60_000);
  for (const active of [true, false]) await world.change('ana', { active });
  await keep(world, outside);
  await forgotten(world);
  await look();
  assert.deepEqual(await holds(world), ['cd', 'ci']);
});

test('a record that somebody wrote into the older database excuses nothing', async (t) => {
  const { world, outside, look } = await kept(t);
  await world.change('ana', { active: false });
  await keep(world, outside);
  await forgotten(world);
  await world.store.write(async ({ db }) => {
    const row = await db.selectFrom('ledger').selectAll().limit(1).executeTakeFirstOrThrow();
    const { id: _, ...rest } = row;
    const forged = { uid: 'forged', at: '2999-01-01T00:00:00.000Z', kind: 'database.restored' };
    const unsealed = { seq: null, hash: null, previous: null, mac: null };
    await db
      .insertInto('ledger')
      .values({ ...rest, ...forged, ...unsealed })
      .execute();
  });
  await look();
  assert.deepEqual(await holds(world), ['cd', 'ci']);
});

test('a head that somebody wrote into the database is not what is kept outside: it would prove nothing later', async (t) => {
  const { world, outside, look } = await kept(t);
  await world.change('ana', { active: false });
  await world.ledger.seal();
  await world.store.write(async ({ db }) => {
    const { seq, hash } = await db
      .selectFrom('ledger')
      .select(['seq', 'hash'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    const forged = { seq: seq!, hash: hash!, at: '2026-01-01T00:00:00.000Z', signature: 'AAAA' };
    await db.insertInto('ledger_heads').values(forged).execute();
  });
  await keep(world, outside);
  await forgotten(world);
  await look();
  assert.deepEqual(await holds(world), ['cd', 'ci']);
});

test('where the head cannot be written, that is told once and nothing fails', async (t) => {
  const { world } = await kept(t);
  const unwritable: Outside = {
    read: () => undefined,
    write() {
      throw new Error('EROFS');
    },
  };
  const { looking: outside } = outsideOf(world, unwritable);
  const head = (await world.ledger.signHead())!;
  outside.keep(head);
  outside.keep(head);
  assert.equal(
    world.lines.filter(({ message }) => message === 'the last head cannot be kept beside the keys').length,
    1,
  );
});

interface Held extends Outside {
  text: string | undefined;
}

/** `ana` holds a role; the head of that moment is kept. `look` is by a process that was started since: it has acknowledged nothing. */
async function kept(t: TestContext) {
  const world = await syncWorld(t, { start: false, controllers: ['ci', 'cd'] });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  const outside: Held = {
    text: undefined,
    read: () => outside.text,
    write(text) {
      outside.text = text;
    },
  };
  await keep(world, outside);
  const { looking } = outsideOf(world, outside);
  const started = () => new Acknowledged(world.context.clock);
  return { world, outside, looking, look: () => outsideOf(world, outside, started()).looking.look() };
}

function outsideOf(world: SyncWorld, outside: Outside, acknowledged = world.ledger.acknowledged) {
  const { config, store, ledger: recorder, keys } = world;
  const parts = { store, recorder, log: world.context.log, config, keys, outside, acknowledged };
  return { acknowledged, looking: new HeadOutside(parts) };
}

async function recorded({ store }: SyncWorld): Promise<{ body: string }[]> {
  return store.read((db) => db.selectFrom('ledger').select('body').where('kind', '=', 'database.older').execute());
}

async function keep(world: SyncWorld, outside: Outside): Promise<void> {
  outsideOf(world, outside).looking.keep((await world.ledger.signHead())!);
}

/** As if a backup of before `ana` left had taken the place of the database, as far as it matters here. */
async function forgotten({ store, idOf }: SyncWorld): Promise<void> {
  await store.write(async ({ db }) => {
    const gone = await db
      .selectFrom('ledger')
      .select(({ fn }) => fn.min('id').as('id'))
      .where('kind', '=', 'scim.user.deactivated')
      .executeTakeFirstOrThrow();
    await db.deleteFrom('ledger').where('id', '>=', gone.id!).execute();
    await db.updateTable('users').set({ active: 1 }).where('id', '=', idOf('ana')).execute();
    await db.deleteFrom('debts').execute();
    await db.updateTable('claims').set({ state: 'current' }).execute();
  });
}

async function holds({ store }: SyncWorld): Promise<string[]> {
  const rows = await store.read((db) => db.selectFrom('controllers').select('name').where('on_hold', '=', 1).execute());
  return rows.map(({ name }) => name).sort();
}
