import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULTS } from './faults.ts';
import { matrix } from './matrix.ts';
import { faulted, intact } from './world.ts';

for (const fault of FAULTS) matrix(fault, { open: (t) => faulted(t), intact: ({ path }) => intact(path) });

test('a locked or full database still answers what only reads', async (t) => {
  for (const fault of FAULTS.filter(({ name }) => name === 'disk full' || name === 'lock of another process')) {
    const world = await faulted(t);
    const { id } = (await world.create('ana')).json();
    const mend = await fault.strike(world, t);
    assert.equal((await world.send('GET', `/Users/${id}`)).statusCode, 200);
    await mend();
  }
});
