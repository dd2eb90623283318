import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fold } from '../../src/access/fold.ts';
import type { Caller } from '../../src/directory/directory.ts';
import { successor } from '../../src/directory/search/comparison.ts';
import type { Filter } from '../../src/scim/filter/filter.ts';
import { matches } from '../../src/scim/filter/matches.ts';
import { parseFilter } from '../../src/scim/filter/parseFilter.ts';
import type { Query } from '../../src/scim/query.ts';
import type { Attributes, Resource } from '../../src/scim/resource.ts';
import { filters, person, WORDS, word } from './filters.ts';
import { type Bench, OKTA, openBench } from './open.ts';

const LIMITS = { filterLength: 4096, filterDepth: 32 };
const query = (filter: Filter): Query => ({
  filter,
  sortOrder: 'ascending',
  startIndex: 1,
  count: 1000,
  related: true,
});
const rendered = (resource: Resource, more: Attributes): Attributes => ({
  ...resource.attributes,
  id: resource.id,
  meta: { created: resource.createdAt, lastModified: resource.modifiedAt },
  ...Object.fromEntries(Object.entries(more).filter(([, list]) => (list as unknown[]).length > 0)),
});
const ids = (resources: readonly { readonly id: string }[]): string[] => resources.map((one) => one.id);

/** A population of its own: users with unique names, groups that hold some of them and each other. */
async function populate(bench: Bench, caller: Caller, people: readonly Attributes[]): Promise<string[]> {
  const made: string[] = [];
  for (const [index, attributes] of people.entries())
    made.push(await bench.user(`${WORDS[(index * 5) % WORDS.length]}${index}`, attributes, caller));
  const inner = await bench.group('Ana', made.slice(0, 4), caller);
  const outer = await bench.group('a%b', [inner, ...made.slice(3, 6)], caller);
  await bench.directory.changeGroup(caller, inner, [{ op: 'add-members', members: [{ value: outer }] }]);
  const lone = await bench.group('ab', [], caller);
  return [...made, inner, outer, lone];
}

test('SQL and the pure reading of a filter find the same people and groups', async (t) => {
  const bench = await openBench(t);
  let run = 0;
  const property = fc.asyncProperty(
    fc.array(person, { minLength: 8, maxLength: 12 }),
    fc.gen(),
    async (people, gen) => {
      const caller = { ...OKTA, connection: `c${run++}` };
      const known = await populate(bench, caller, people);
      const everything = { sortOrder: 'ascending', startIndex: 1, count: 1000, related: true } as const;
      const users = (await bench.directory.users(caller.connection, everything)).resources;
      const groups = (await bench.directory.groups(caller.connection, everything)).resources;
      for (let attempt = 0; attempt < 25; attempt++) {
        const filter = gen(filters, 'User', known);
        const { total, resources } = await bench.directory.users(caller.connection, query(filter));
        const expected = users.filter((user) => matches(filter, rendered(user, { groups: user.groups ?? [] })));
        assert.deepEqual(ids(resources), ids(expected), JSON.stringify(filter));
        assert.equal(total, expected.length);
        const other = gen(filters, 'Group', known);
        const found = await bench.directory.groups(caller.connection, query(other));
        const wanted = groups.filter((group) => matches(other, rendered(group, { members: group.members ?? [] })));
        assert.deepEqual(ids(found.resources), ids(wanted), JSON.stringify(other));
      }
    },
  );
  await fc.assert(property, { numRuns: 25, endOnFailure: true });
});

test('the end of a prefix lies behind all that start with it and before all others', () => {
  const utf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('a', 'b', '\ud7ff', '\u{10ffff}', '\u007f'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  });
  fc.assert(
    fc.property(text, text, (prefix, other) => {
      const end = successor(prefix);
      const inside = utf8(other, prefix) >= 0 && (end === undefined || utf8(other, end) < 0);
      assert.equal(inside, other.startsWith(prefix));
      assert.ok(end === undefined || utf8(`${prefix}${other}`, end) < 0);
    }),
  );
});

test('userName is found in any spelling that folds to it', async (t) => {
  const bench = await openBench(t);
  const id = await bench.user('Kelvin.Straße@x.test');
  for (const spelling of ['kelvin.straße@x.test', '\u212aELVIN.straße@x.test', '\uff4belvin.straße@x.test']) {
    const filter = parseFilter(`userName eq "${spelling}"`, 'User', { filterLength: 4096, filterDepth: 32 });
    assert.deepEqual(ids((await bench.directory.users('okta', query(filter))).resources), [id], spelling);
  }
});

test('whatever text is asked for, it is a value and never SQL', async (t) => {
  const bench = await openBench(t);
  await bench.user('ana');
  const hostile = fc.oneof(
    word,
    fc.string(),
    fc.constantFrom(`' OR 1=1 --`, `"; DROP TABLE users; --`, `%' OR '1'='1`),
  );
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const path = {
        schema: 'urn:ietf:params:scim:schemas:core:2.0:User',
        attribute: 'userName',
        type: 'string',
        caseExact: false,
        multiValued: false,
      } as const;
      const { total } = await bench.directory.users(
        'okta',
        query({ kind: 'compare', path, operator: 'eq', value: text }),
      );
      assert.equal(total, fold(text) === 'ana' ? 1 : 0);
    }),
    { numRuns: 100 },
  );
  assert.equal((await bench.store.status()).users, 1);
});

test('a part of a Greek name finds it: which sigma a capital one becomes depends on what follows', async (t) => {
  const bench = await openBench(t);
  const names = ['ΟΔΥΣΣΕΑΣ', 'Οδυσσέας', 'ΑΣ ΠΡΟΣ', 'ΑΣΠΡΟΣ', 'ΝΊΚΟΣ'];
  const ids = new Map<string, string>();
  for (const name of names) ids.set(await bench.user(name, { nickName: name }), name);
  const found = async (filter: string): Promise<string[]> => {
    const { resources } = await bench.directory.users(OKTA.connection, query(parseFilter(filter, 'User', LIMITS)));
    return resources.map(({ id }) => ids.get(id)!);
  };
  for (const attribute of ['userName', 'nickName']) {
    assert.deepEqual(await found(`${attribute} sw "ΟΔΥΣ"`), ['ΟΔΥΣΣΕΑΣ', 'Οδυσσέας']);
    assert.deepEqual(await found(`${attribute} sw "οδυς"`), ['ΟΔΥΣΣΕΑΣ', 'Οδυσσέας']);
    assert.deepEqual(await found(`${attribute} sw "ΑΣ"`), ['ΑΣ ΠΡΟΣ', 'ΑΣΠΡΟΣ']);
    assert.deepEqual(await found(`${attribute} sw "ΑΣΠ"`), ['ΑΣΠΡΟΣ']);
    assert.deepEqual(await found(`${attribute} ew "Σ"`), names);
    assert.deepEqual(await found(`${attribute} ew "ΣΕΑΣ"`), ['ΟΔΥΣΣΕΑΣ']);
    assert.deepEqual(await found(`${attribute} co "ΥΣΣ"`), ['ΟΔΥΣΣΕΑΣ', 'Οδυσσέας']);
    assert.deepEqual(await found(`${attribute} co "Σ Π"`), ['ΑΣ ΠΡΟΣ']);
    assert.deepEqual(await found(`${attribute} eq "οδυσσεας"`), ['ΟΔΥΣΣΕΑΣ']);
    assert.deepEqual(await found(`${attribute} eq "οδυσσεασ"`), [], 'a whole name is compared as RFC 8265 has it');
    for (const name of names) {
      const letters = [...name];
      for (const [at] of letters.entries()) {
        const [head, tail] = [letters.slice(0, at + 1).join(''), letters.slice(at).join('')];
        for (const filter of [`sw "${head}"`, `co "${head}"`, `ew "${tail}"`, `co "${tail}"`])
          assert.ok((await found(`${attribute} ${filter}`)).includes(name), `${name} ${filter}`);
      }
    }
  }
});
