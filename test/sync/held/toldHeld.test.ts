import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNMETERED } from '../../../src/access/ports/meter.ts';
import { syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;

test('what begins to wait for a release is told once in the log and counted once, with its reasons', async (t) => {
  const trips: string[] = [];
  const world = await syncWorld(t, { start: false });
  const trip = (controller: string, ceiling: string) => void trips.push(`${controller} ${ceiling}`);
  Object.assign(world.context, { meter: { ...UNMETERED, trip } });
  const told = () => world.lines.filter(({ message }) => message === 'changes wait for a release');
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana']);
  await world.group('ci-web-dev', ['bo']);
  await world.order(sync);
  assert.deepEqual([told(), trips], [[], []]);
  for (const group of ['ci-pay-dev', 'ci-web-dev']) await world.deleteGroup(group);
  for (let look = 0; look < 2; look++) await world.order(sync);
  assert.deepEqual(
    told().map(({ level, fields }) => ({ level, ...fields })),
    [
      {
        ...{ level: 'warn', controller: 'ci', ceiling: 'bound-group', steps: 2 },
        reason:
          'the group ci-pay-dev, which a rule names, was deleted; the group ci-web-dev, which a rule names, was deleted',
      },
    ],
  );
  assert.deepEqual(trips, ['ci bound-group']);
});
