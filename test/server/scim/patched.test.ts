import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { equal } from './directoryModel.ts';
import { WITH_UNIQUE, X } from './modelWorld.ts';
import { operation, patched, Refused, written } from './patchModel.ts';
import { type Json, scimWorld, U } from './world.ts';

const own = ({ schemas: _, id: __, meta: ___, groups: ____, ...rest }: Json): Json => rest;

test('a PATCH of a person comes to what RFC 7644 §3.5.2 read naively comes to, and what changes nothing makes no version', async (t) => {
  const world = await scimWorld(t, {}, WITH_UNIQUE);
  const client = world.as('rfc');
  const id = await client.user('ana', { schemas: [U, X] });
  let person = own((await client.get(`/Users/${id}`)).body);
  const property = fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 4 }), async (ops) => {
    let expected: Json;
    try {
      expected = patched(person, ops);
    } catch (error) {
      assert.ok(error instanceof Refused, String(error));
    }
    const before = (await client.get(`/Users/${id}`)).body;
    const answer = await client.patch(`/Users/${id}`, ops.map(written));
    const about = `${JSON.stringify(person)}\n${JSON.stringify(ops.map(written))}\n${answer.text}`;
    assert.equal(answer.status, expected === undefined ? 400 : 200, about);
    const after = (await client.get(`/Users/${id}`)).body;
    if (expected === undefined) {
      assert.deepEqual(after, before, about);
      return;
    }
    assert.deepEqual(after, answer.body);
    assert.deepEqual(own(after), expected, about);
    const changed = !equal(person, expected);
    assert.equal(after.meta.version !== before.meta.version, changed, about);
    assert.equal(after.meta.lastModified !== before.meta.lastModified, changed, about);
    person = expected;
  });
  await fc.assert(property, { numRuns: 150, endOnFailure: true });
});
