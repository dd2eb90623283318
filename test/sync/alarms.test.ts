import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeaverWatch } from '../../src/sync/alarms.ts';
import { syncWorld } from './world.ts';

test('an id that somebody gave up and left behind is alarmed like what they owe at the last one', async (t) => {
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
  await new LeaverWatch(context).look();
  const told = world.lines.filter(({ message }) => message === 'a leaver is not done');
  assert.deepEqual(
    told.map(({ level, fields }) => [level, fields.person, fields.error]),
    [['error', people.left, 'no']],
  );
});
