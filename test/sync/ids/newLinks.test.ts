import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim } from '../../../src/plan/identities.ts';
import { endedLinks, linking, linksAnybody } from '../../../src/sync/ids/newLinks.ts';

const claim = (foldedId: string, person: string, state: Claim['state'] = 'current'): Claim => ({
  ...{ foldedId, id: foldedId, person, connection: 'okta', state },
});
/** The same claim as it is stored, of another connection. */
const row = (foldedId: string, person: string, state: Claim['state'] = 'current') => ({
  ...{ folded_id: foldedId, id: foldedId, person, connection: 'entra', state },
});

interface Assessed {
  readonly store: readonly Claim[];
  readonly claims?: readonly ReturnType<typeof row>[];
  readonly owed?: readonly { readonly person: string; readonly foldedId: string }[];
  readonly regained?: readonly { readonly person: string; readonly foldedId: string }[];
  readonly release?: readonly Claim[];
}

const assessed = ({ store, claims = [], owed = [], regained = [], release = [] }: Assessed) =>
  ({ identities: { store, owed, regained, release }, situation: { claims } }) as never;

test('somebody is linked to an id that was nobody’s, or another’s; it was taken where that one neither left nor has another', () => {
  const store = [
    ...[claim('new', 'ana'), claim('own', 'ana'), claim('given-up', 'ana', 'leaving'), claim('left', 'ana')],
    ...[claim('renamed', 'ana'), claim('taken', 'ana')],
  ];
  const claims = [
    ...[row('own', 'ana'), row('given-up', 'bo'), row('left', 'bo', 'leaving'), row('renamed', 'bo')],
    ...[row('taken', 'bo'), row('else', 'bo')],
  ];
  const owed = [
    { person: 'bo', foldedId: 'renamed' },
    { person: 'cy', foldedId: 'taken' },
    { person: 'bo', foldedId: 'else' },
  ];
  const linkOf = linking(assessed({ store, claims, owed }));
  const former = { person: 'bo', connection: 'entra' };
  assert.deepEqual(store.map(linkOf), [
    { claim: store[0], taken: false },
    ...[undefined, undefined, { claim: store[3], former, taken: false }],
    ...[
      { claim: store[4], former, taken: false },
      { claim: store[5], former, taken: true },
    ],
  ]);
});

test('a pass that stores no id of somebody else, and no new one, links nobody', () => {
  const claims = [row('own', 'ana')];
  assert.equal(linksAnybody(assessed({ store: [claim('own', 'ana'), claim('old', 'bo', 'leaving')], claims })), false);
  assert.equal(linksAnybody(assessed({ store: [claim('own', 'ana'), claim('new', 'bo')], claims })), true);
  assert.equal(linksAnybody(assessed({ store: [claim('new', 'bo')] })), true);
});

test('what an id held matters no more where it is nobody’s, of another who left, or its owner’s again after a cut', () => {
  const store = [
    ...[claim('own', 'ana', 'leaving'), claim('others', 'ana', 'leaving'), claim('current', 'ana')],
    claim('first', 'ana', 'leaving'),
  ];
  const claims = [row('own', 'ana'), row('others', 'bo'), row('current', 'bo')];
  const regained = ['back', 'uncut'].map((foldedId) => ({ person: 'ana', foldedId }));
  const all = assessed({ store, claims, regained, release: [claim('free', 'cy')] });
  assert.deepEqual(endedLinks(all, [{ folded_id: 'uncut' }]), ['free', 'others', 'back']);
  assert.deepEqual(endedLinks(assessed({ store: [], claims }), []), []);
});
