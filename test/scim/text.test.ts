import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Projection } from '../../src/scim/choice.ts';
import { EVERYTHING, project, readProjection } from '../../src/scim/projection.ts';
import { render } from '../../src/scim/render.ts';
import type { GroupRef, GroupResource, UserResource } from '../../src/scim/resource.ts';
import { textOf } from '../../src/scim/text.ts';

const BASE = 'https://a.test/scim/v2';
const PROJECTIONS: readonly Projection[] = [
  EVERYTHING,
  ...['groups', 'groups.value', 'userName', 'userName,groups', 'groups.display,groups.$ref', 'nothing'].flatMap(
    (names) => [
      readProjection('User', names.split(','), undefined),
      readProjection('User', undefined, names.split(',')),
    ],
  ),
];

const person = (groups?: readonly GroupRef[]): UserResource => ({
  ...{
    type: 'User',
    id: 'a',
    version: 3,
    createdAt: '2026-01-01T00:00:00.000Z',
    modifiedAt: '2026-01-02T00:00:00.000Z',
  },
  attributes: { userName: 'ana', active: true },
  ...(groups === undefined ? {} : { groups }),
});

const group = fc.record<GroupRef>({
  value: fc.constantFrom('g1', 'g2', 'a/b', '"'),
  display: fc.oneof(fc.constantFrom('ci', 'CI'), fc.string({ unit: 'binary', maxLength: 600 })),
  type: fc.constantFrom('direct', 'indirect'),
});

test('the text of a person says what the rendered and projected person says, with any groups that any projection shows', () => {
  fc.assert(
    fc.property(
      fc.option(fc.array(group, { maxLength: 6 }), { nil: undefined }),
      fc.constantFrom(...PROJECTIONS),
      fc.constantFrom(BASE, 'https://b.test'),
      (groups, projection, base) => {
        const resource = person(groups);
        const plain = JSON.parse(JSON.stringify(project('User', render(resource, base), projection)));
        assert.deepEqual(JSON.parse(textOf(resource, projection, base)), plain);
      },
    ),
    { numRuns: 500 },
  );
});

test('a group is told by the name, the kind and the base URL of now, however often it was told before', () => {
  const refs = (ref: GroupRef, base = BASE) => JSON.parse(textOf(person([ref]), EVERYTHING, base)).groups;
  const ref: GroupRef = { value: 'renamed', display: 'before', type: 'direct' };
  for (const now of [ref, { ...ref, display: 'after' }, { ...ref, type: 'indirect' } as const, ref])
    for (const base of [BASE, 'https://b.test', BASE])
      assert.deepEqual(refs(now, base), [{ ...now, $ref: `${base}/Groups/renamed` }]);
});

test('more groups than are kept are told as well as the first ones', () => {
  const all = Array.from(
    { length: 10_000 },
    (_, n): GroupRef => ({ value: `g-${n}`, display: `team ${n}`, type: 'direct' }),
  );
  for (let round = 0; round < 2; round++)
    assert.deepEqual(
      JSON.parse(textOf(person(all), EVERYTHING, BASE)).groups.map(({ display }: GroupRef) => display),
      all.map(({ display }) => display),
    );
});

test('members of a group stay where they were', () => {
  const resource: GroupResource = {
    ...{ type: 'Group', id: 'g', version: 1, createdAt: '', modifiedAt: '', attributes: { displayName: 'ci' } },
    members: [{ value: 'a', type: 'User', display: 'Ana' }],
  };
  const text = textOf(resource, EVERYTHING, BASE);
  assert.equal(text, JSON.stringify(project('Group', render(resource, BASE), EVERYTHING)));
});
