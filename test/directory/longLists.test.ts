import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { ReadOptions } from '../../src/access/ports/store.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import type { Filter } from '../../src/scim/filter/filter.ts';
import { DIALECTS } from '../../src/scim/profiles/dialects.ts';
import type { Query } from '../../src/scim/query.ts';
import type { ResourceType } from '../../src/scim/resource.ts';
import { STANDARD } from '../../src/scim/schemas/catalogue.ts';
import { forType, readQueryString } from '../../src/scim/search.ts';
import type { Store } from '../../src/store/store.ts';
import { seededRandom } from '../sim/time.ts';
import { openTestStore } from '../store/open.ts';
import { filters, person } from './filters.ts';
import { crowd, OKTA, refs, tickingClock } from './open.ts';

const LIMITS = { body: 1e6, jsonDepth: 32, filterLength: 16_384, filterDepth: 32 };

function queryOf(type: ResourceType, asked: Record<string, string>): Query {
  const dialect = { ...DIALECTS.rfc, catalogue: STANDARD, note: () => {} };
  return forType(readQueryString(asked), type, dialect, LIMITS).query;
}

function over(store: Store) {
  const parts = { store, clock: tickingClock(), random: seededRandom(), wake: () => {} };
  return createDirectory({ ...parts, recorder: { record: async () => {} } });
}

/** A directory, and which of the reads of a list were asked for as long ones. */
async function noting(t: TestContext) {
  const store = await openTestStore(t);
  const ways: (ReadOptions | undefined)[] = [];
  const directory = over({
    ...store,
    read: (work, options) => {
      ways.push(options);
      return store.read(work, options);
    },
  });
  const isLong = async (type: ResourceType, asked: Record<string, string>): Promise<boolean> => {
    ways.length = 0;
    const query = queryOf(type, { count: '10', ...asked });
    await (type === 'User' ? directory.users('okta', query) : directory.groups('okta', query));
    return ways.some((way) => way?.long === true);
  };
  return { store, directory, isLong };
}

test('a list that looks through very many people is read in a thread, one that an index answers is not', async (t) => {
  const { store, isLong } = await noting(t);
  await crowd({ store }, 4_500);
  for (const asked of [
    { filter: 'title co "x"' },
    { filter: 'title pr' },
    { filter: 'not (userName eq "x")' },
    { filter: 'name.familyName pr and active eq true' },
    { filter: 'emails[type eq "work"]' },
    { filter: 'userName sw "crowd"' },
    { filter: 'title pr', sortBy: 'userName' },
    { sortBy: 'title' },
    { sortBy: 'name.familyName', cursor: '' },
  ])
    assert.equal(await isLong('User', asked), true, JSON.stringify(asked));
  for (const asked of [
    {},
    { sortBy: 'userName' },
    { startIndex: '4000' },
    { filter: 'userName eq "crowd7"' },
    { filter: 'userName eq "crowd7" and title co "x"' },
    { filter: 'emails.value eq "a@b.c"' },
  ])
    assert.equal(await isLong('User', asked), false, JSON.stringify(asked));
  assert.equal(await isLong('Group', { filter: 'externalId co "x"' }), false, 'there are few groups');
});

test('few people are looked through in this thread, unless very much is asked about each', async (t) => {
  const { store, isLong } = await noting(t);
  await crowd({ store }, 500);
  assert.equal(await isLong('User', { filter: 'title co "x"' }), false);
  const many = Array.from({ length: 20 }, (_, n) => `title co "${n}"`).join(' or ');
  assert.equal(await isLong('User', { filter: many }), true);
});

test('what looks through very many memberships is read in a thread', async (t) => {
  const { store, directory, isLong } = await noting(t);
  const people = await crowd({ store }, 900);
  for (let n = 0; n < 5; n++) await directory.createGroup(OKTA, { displayName: `group ${n}` }, refs(people));
  for (const filter of ['members.display co "x"', 'members pr', 'not (members.type eq "Group")'])
    assert.equal(await isLong('Group', { filter }), true, filter);
  for (const filter of ['groups.display co "x"', 'groups[type eq "direct"]'])
    assert.equal(await isLong('User', { filter }), true, filter);
  assert.equal(await isLong('Group', { filter: `members.value eq "${people[0]}"` }), false);
  assert.equal(await isLong('Group', { filter: 'externalId pr' }), false);
});

test('PROPERTY: a list comes to the same in a thread', async (t) => {
  const store = await openTestStore(t);
  const here = over(store);
  const there = over({ ...store, read: (work) => store.read(work, { long: true }) });
  const random = fc.array(person, { minLength: 8, maxLength: 12 });
  let run = 0;
  const property = fc.asyncProperty(random, fc.gen(), async (people, gen) => {
    const caller = { ...OKTA, connection: `c${run++}` };
    const known: string[] = [];
    for (const [n, attributes] of people.entries())
      known.push((await here.createUser(caller, { active: true, ...attributes, userName: `Ünï ${n}` })).id);
    known.push((await here.createGroup(caller, { displayName: 'Ana' }, refs(known.slice(0, 4)))).id);
    known.push((await here.createGroup(caller, { displayName: 'Älä' }, refs(known.slice(3)))).id);
    const page = (filter: Filter): Query => ({ ...queryOf('User', {}), filter, related: true });
    for (let attempt = 0; attempt < 15; attempt++) {
      const [one, other] = [page(gen(filters, 'User', known)), page(gen(filters, 'Group', known))];
      assert.deepEqual(await there.users(caller.connection, one), await here.users(caller.connection, one));
      assert.deepEqual(await there.groups(caller.connection, other), await here.groups(caller.connection, other));
    }
  });
  await fc.assert(property, { numRuns: 10, endOnFailure: true });
});
