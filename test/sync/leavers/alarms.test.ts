import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNMETERED } from '../../../src/access/ports/meter.ts';
import { LeaverWatch } from '../../../src/sync/leavers/alarms.ts';
import { syncWorld } from '../world.ts';

test('ids that people gave up and that wait are told of in one line of each controller, at once and like every other alarm', async (t) => {
  const world = await syncWorld(t, { start: false });
  const names = Array.from({ length: 8 }, (_, n) => `p${n}`);
  for (const name of names) await world.person(name);
  await world.order({ kind: 'sync' });
  for (const name of names) await world.change(name, { userName: `${name}.x` });
  await world.order({ kind: 'sync' });
  const look = async (): Promise<unknown[]> => {
    world.lines.length = 0;
    await new LeaverWatch(world.context).look();
    return world.lines.map(({ level, message, fields }) => [level, message, fields.controller, fields.ids]);
  };
  const line = ['error', 'ids that people gave up wait', 'ci', 8];
  assert.deepEqual([await look(), await look()], [[line], []]);
  world.time.forward(900_000);
  assert.deepEqual([await look(), await look()], [[line], []]);
});

test('an id that somebody gave up is alarmed like what they owe at the last one, also while they stay', async (t) => {
  const world = await syncWorld(t, { start: false });
  const { store, context, time } = world;
  const people = { left: await world.person('left'), stays: await world.person('stays') };
  const at = new Date(context.clock.now()).toISOString();
  for (const [name, person] of Object.entries(people))
    await store.write(({ db }) =>
      db
        .insertInto('debts')
        .values({
          ...{
            controller: 'ci',
            folded_id: `old-${name}`,
            id: `old-${name}`,
            person,
            connection: 'okta',
            cause: 'old-id',
          },
          ...{
            received_at: at,
            request: null,
            credential: null,
            state: 'open',
            due_ms: 0,
            started_at: at,
            done_at: null,
          },
          ...{ steps: '[]', missing: '[]', residual: '[]', attempts: 1, alarmed: 0, error: 'no', released: 0 },
        })
        .execute(),
    );
  await world.change('left', { active: false });
  time.forward(61_000);
  const ages: number[] = [];
  const meter = { ...UNMETERED, oldestLeaver: (seconds: number) => void ages.push(seconds) };
  const look = async (): Promise<unknown[]> => {
    world.lines.length = 0;
    await new LeaverWatch({ ...context, meter }).look();
    return world.lines
      .filter(({ message }) => message.endsWith('is not done'))
      .map(({ level, message, fields }) => [level, message, fields.person, fields.error])
      .sort();
  };
  assert.deepEqual(await look(), [
    ['error', 'a leaver is not done', people.left, 'no'],
    ['error', 'an id that somebody gave up is not done', people.stays, 'no'],
  ]);
  await store.write(({ db }) => db.deleteFrom('debts').where('person', '=', people.left).execute());
  time.forward(900_000);
  assert.deepEqual(await look(), [['error', 'an id that somebody gave up is not done', people.stays, 'no']]);
  assert.equal(Math.floor(ages.at(-1)! / 60), 16);
  await world.change('stays', { active: false });
  time.forward(3_600_000);
  assert.deepEqual(await look(), [['error', 'a leaver is not done', people.stays, 'no']]);
});
