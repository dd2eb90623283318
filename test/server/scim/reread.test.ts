import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../../src/errors.ts';
import { reread } from '../../../src/server/scim/reread.ts';
import { scimWorld } from './world.ts';

test('what was changed and is gone is answered as it was changed', async () => {
  assert.equal(await reread('changed', async () => 'with groups'), 'with groups');
  const gone = async () => {
    throw refuse('SCIM_NOT_FOUND', { resource: 'User', id: 'x' });
  };
  assert.equal(await reread('changed', gone), 'changed');
  await assert.rejects(
    reread('changed', async () => {
      throw new Error('a defect');
    }),
    /a defect/,
  );
});

test('a change and a deletion at once: who is answered 404 has changed nothing', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('okta');
  for (let round = 0; round < 20; round++) {
    const id = await client.user(`ana-${round}`);
    world.events.length = 0;
    const [patched] = await Promise.all([
      client.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'x' }]),
      client.delete(`/Users/${id}`),
    ]);
    const changed = world.events.some(({ kind }) => kind === 'scim.user.changed');
    assert.equal(patched!.status === 200, changed, `${patched!.status}`);
  }
});

test('what was committed is told, and never a 503, where the database is lost behind it', async () => {
  const answers = [refuse('STORE_FAILED', { reason: 'the connection to the server was lost' })];
  const reads = async (): Promise<string> => {
    const failure = answers.shift();
    if (failure !== undefined) throw failure;
    return 'with groups';
  };
  assert.equal(await reread('changed', reads), 'with groups');
  for (const code of ['STORE_FAILED', 'STORE_BUSY', 'STORE_UNREACHABLE'] as const) {
    const away = async (): Promise<string> => {
      throw refuse(code, { reason: 'no' });
    };
    assert.equal(await reread('changed', away), 'changed', code);
  }
});
