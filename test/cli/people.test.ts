import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Parts } from '../../src/cli/product/parts.ts';
import { onlyPerson, personCalled } from '../../src/cli/product/people.ts';
import { syncWorld } from '../sync/world.ts';

/** `ana` was deleted, and somebody else is called so by now. */
async function twice(t: TestContext) {
  const world = await syncWorld(t, { start: false });
  const former = await world.person('ana', { externalId: 'former' });
  await world.remove('ana');
  const living = await world.person('ana', { externalId: 'living' });
  return { parts: world as unknown as Parts, former, living };
}

test('a name means the living before the deleted', async (t) => {
  const { parts, former, living } = await twice(t);
  assert.equal((await personCalled(parts, 'ana')).id, living);
  assert.equal((await personCalled(parts, 'former')).id, former);
});

test('for what cannot be taken back a name has to mean one person of all there ever were', async (t) => {
  const { parts, former, living } = await twice(t);
  await assert.rejects(onlyPerson(parts, 'ANA'), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'USER_AMBIGUOUS');
    assert.match(error.message, new RegExp(`${living} \\(okta\\), ${former} \\(okta, deleted 20`));
    return true;
  });
  for (const id of [living, former]) assert.equal((await onlyPerson(parts, id)).id, id);
  assert.equal((await onlyPerson(parts, 'former')).id, former);
  await assert.rejects(onlyPerson(parts, 'nobody'), { code: 'USER_UNKNOWN' });
});

test('a name of several who live is that of the primary connection; where one connection has two, it is nobody’s', async (t) => {
  const world = await syncWorld(t, { start: false });
  const parts = world as unknown as Parts;
  const first = await world.person('bo');
  const second = await world.person('bo', {}, 'entra');
  assert.equal((await personCalled(parts, 'bo')).id, first);
  assert.equal((await personCalled(parts, second)).id, second, 'an id is one person');
  await world.person('cy');
  await world.person('dee', { externalId: 'cy' });
  await assert.rejects(personCalled(parts, 'cy'), { code: 'USER_AMBIGUOUS' });
  await world.person('eve', { externalId: 'x' }, 'entra');
  await world.person('x', {}, 'entra');
  await assert.rejects(personCalled(parts, 'x'), { code: 'USER_AMBIGUOUS' }, 'none of them is of the primary one');
  await assert.rejects(personCalled(parts, 'nobody'), { code: 'USER_UNKNOWN' });
});
