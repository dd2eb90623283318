import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim, Identity, IdentityMap } from '../../src/plan/identities.ts';
import { mapIdentities, mappedId } from '../../src/plan/identity.ts';
import { claim, identityInput, person } from './make.ts';

const ana = person('okta/ana');
const bob = person('okta/bob');

function idOf(map: IdentityMap, who: { id: string }): string {
  const found: Identity | undefined = map.people.get(who.id);
  if (found === undefined) return 'nobody';
  return 'none' in found
    ? `none: ${found.none}`
    : `${found.id}${found.problem === undefined ? '' : ` (${found.problem})`}`;
}

const rows = (claims: readonly Claim[]) =>
  claims.map(({ id, person: owner, state }) => `${id} ${owner} ${state}`).sort();
const codes = (map: IdentityMap) => map.findings.map(({ code, subject }) => `${code} ${subject}`).sort();

test('the id is the configured attribute, stripped and transformed', () => {
  const who = person('okta/Ana@Corp.Test', { email: 'a@b', externalId: '00u1' });
  const config = { user: 'userName', group: 'displayName', transform: 'none', stripDomain: false } as const;
  assert.equal(mappedId(who, config), 'Ana@Corp.Test');
  assert.equal(mappedId(who, { ...config, user: 'email' }), 'a@b');
  assert.equal(mappedId(who, { ...config, user: 'externalId' }), '00u1');
  assert.equal(mappedId(who, { ...config, stripDomain: true, transform: 'lowercase' }), 'ana');
  assert.equal(mappedId(who, { ...config, transform: 'uppercase' }), 'ANA@CORP.TEST');
  assert.equal(mappedId(person('okta/@x'), { ...config, stripDomain: true }), '@x');
  assert.equal(mappedId(ana, { ...config, user: 'email' }), undefined);
  assert.equal(mappedId(person('okta/e\u0301'), config), '\u00e9');
});

test('a person gets the id and a claim is stored once', () => {
  const first = mapIdentities(identityInput({ people: [ana] }));
  assert.equal(idOf(first, ana), 'ana');
  assert.deepEqual(rows(first.store), ['ana s-ana current']);
  const again = mapIdentities(identityInput({ people: [ana], claims: [...first.owners.values()] }));
  assert.deepEqual(again.store, []);
  assert.deepEqual(again.owed, []);
});

test('a Jenkins id is owned by one person at a time, folded as the realm folds it', () => {
  const other = person('okta/ANA', { id: 's-2' });
  const map = mapIdentities(identityInput({ people: [ana, other], claims: [claim('ana', ana)] }));
  assert.equal(idOf(map, ana), 'ana');
  assert.equal(idOf(map, other), 'none: contested');
  assert.deepEqual(codes(map), ['identity.contested ANA']);
  const sensitive = mapIdentities(identityInput({ people: [ana, other], ids: 'case-sensitive' }));
  assert.equal(idOf(sensitive, other), 'ANA');
});

test('two people who ask for one free id both wait: it is not guessed', () => {
  const other = person('okta/Ana', { id: 's-2' });
  const map = mapIdentities(identityInput({ people: [ana, other] }));
  assert.equal(idOf(map, ana), 'none: contested');
  assert.equal(idOf(map, other), 'none: contested');
  assert.deepEqual(map.store, []);
  assert.equal(map.findings.length, 2);
});

test('an inactive owner keeps the id until the debt is paid; who asks for it holds nothing and is a finding', () => {
  const gone = person('-okta/ana', { id: 's-old' });
  const rehired = person('okta/ana', { id: 's-new' });
  const input = identityInput({ people: [gone, rehired], claims: [claim('ana', gone)] });
  const waiting = mapIdentities(input);
  assert.equal(idOf(waiting, rehired), 'none: contested');
  assert.deepEqual(codes(waiting), ['identity.contested ana']);
  assert.deepEqual(rows(waiting.store), ['ana s-old leaving']);
  assert.deepEqual(
    waiting.owed.map(({ id, cause, person: who }) => [id, cause, who]),
    [['ana', 'leaver', 's-old']],
  );
  const paid = mapIdentities({
    ...input,
    claims: [...waiting.owners.values()],
    paid: [{ person: 's-old', foldedId: 'ana' }],
  });
  assert.equal(idOf(paid, rehired), 'ana');
  assert.deepEqual(rows(paid.store), ['ana s-new current']);
  assert.deepEqual(paid.owed, []);
});

test('what was paid when somebody left before, or was called otherwise before, does not pay for the next time', () => {
  const paid = [{ person: ana.id, foldedId: 'ana' }];
  const gone = { ...ana, active: false };
  const heir = person('okta/ana', { id: 's-new' });
  const left = mapIdentities(identityInput({ people: [gone, heir], claims: [claim('ana', ana)], paid }));
  assert.deepEqual(
    left.owed.map(({ id, cause }) => [id, cause]),
    [['ana', 'leaver']],
  );
  assert.equal(idOf(left, heir), 'none: contested');
  const renamed = mapIdentities(
    identityInput({ people: [{ ...ana, userName: 'anna' }], claims: [claim('ana', ana)], paid }),
  );
  assert.deepEqual(
    renamed.owed.map(({ id, cause }) => [id, cause]),
    [['ana', 'old-id']],
  );
  const deleted = mapIdentities(
    identityInput({
      tombstones: [{ id: ana.id, connection: 'okta', userName: 'ana' }],
      claims: [claim('ana', ana)],
      paid,
    }),
  );
  assert.equal(deleted.owed.length, 1);
});

test('a deleted owner keeps the id until the debt is paid, or until an operator releases it', () => {
  const tomb = { id: 's-old', connection: 'okta', userName: 'ana' };
  const rehired = person('okta/ana', { id: 's-new' });
  const input = identityInput({
    people: [rehired],
    tombstones: [tomb],
    claims: [claim('ana', { ...tomb, active: true })],
  });
  assert.equal(idOf(mapIdentities(input), rehired), 'none: contested');
  const released = mapIdentities({ ...input, released: [{ person: tomb.id, foldedId: 'ana' }] });
  assert.equal(idOf(released, rehired), 'ana');
  assert.deepEqual(
    released.owed.map(({ person: who, cause }) => [who, cause]),
    [['s-old', 'leaver']],
    'what the one before could act with is still owed',
  );
});

test("an id at which two who left owe is nobody else's before both are paid", () => {
  const first = { id: 's-old', connection: 'okta', userName: 'ana' };
  const second = { id: 's-older', connection: 'entra', userName: 'ana' };
  const rehired = person('okta/ana', { id: 's-new' });
  const debt = ({ id }: { readonly id: string }) => ({ person: id, foldedId: 'ana' });
  const stored = { ...claim('ana', { ...first, active: true }, 'leaving') };
  const input = identityInput({ people: [rehired], claims: [stored], paid: [debt(first)], owing: [debt(second)] });
  for (const tombstones of [[first], [first, second]])
    assert.equal(idOf(mapIdentities({ ...input, tombstones }), rehired), 'none: contested');
  const [contested] = mapIdentities({ ...input, tombstones: [first] }).findings;
  assert.match(
    contested!.finding,
    /the owner is s-old of okta, who is leaving it; s-older has to be cut off there, too\.$/,
  );
  assert.equal(idOf(mapIdentities({ ...input, tombstones: [first], owing: [] }), rehired), 'ana');
  const back = { ...first, active: true };
  assert.equal(idOf(mapIdentities({ ...input, people: [back] }), back), 'ana', 'who had it first has it again');
});

test('somebody who left before ever being mapped owes the leaver steps at a free id', () => {
  const gone = person('-okta/ana');
  const map = mapIdentities(
    identityInput({ people: [gone], tombstones: [{ id: 's-t', connection: 'okta', userName: 'tom' }] }),
  );
  assert.deepEqual(rows(map.store), ['ana s-ana leaving', 'tom s-t leaving']);
  assert.equal(map.owed.length, 2);
  const rehired = mapIdentities(identityInput({ people: [gone, person('okta/ana', { id: 's-2' })] }));
  assert.equal(
    rehired.people.get('s-2') !== undefined && rehired.owed.length,
    0,
    'nothing is cut at the id of an active person',
  );
});

test('a person of the primary connection takes precedence, so nobody can squat', () => {
  const squatter = person('entra/ana', { id: 's-squat' });
  const map = mapIdentities(identityInput({ people: [ana, squatter], claims: [claim('ana', squatter)] }));
  assert.equal(idOf(map, ana), 'ana');
  assert.equal(idOf(map, squatter), 'none: contested');
  assert.deepEqual(rows(map.store), ['ana s-ana current']);
  const left = { ...squatter, active: false };
  const after = mapIdentities(identityInput({ people: [ana, left], claims: [...map.owners.values()] }));
  assert.deepEqual(after.owed, [], 'a squatter who leaves takes nothing from the owner');
  const fresh = mapIdentities(identityInput({ people: [squatter, ana] }));
  assert.equal(idOf(fresh, ana), 'ana');
});

test('where two of the primary connection ask for one id, a former owner of another one does not get it instead', () => {
  const back = person('hr/ana', { id: 's-hr' });
  const two = [person('okta/ana', { id: 's-1' }), person('okta/ANA', { id: 's-2' })];
  const input = identityInput({
    people: [back, ...two],
    claims: [claim('ana', back, 'leaving')],
    paid: [{ person: 's-hr', foldedId: 'ana' }],
  });
  const map = mapIdentities(input);
  assert.deepEqual(
    [back, ...two].map((who) => idOf(map, who)),
    ['none: contested', 'none: contested', 'none: contested'],
  );
  assert.equal(idOf(mapIdentities({ ...input, people: [back, two[0]!] }), two[0]!), 'ana');
  const equals = [back, person('hr/ANA', { id: 's-hr2' })];
  assert.equal(idOf(mapIdentities({ ...input, people: equals }), back), 'ana', 'among equals the former owner');
});

test('the primary connection takes an id from another one where one person asks for it, whoever has it or had it last', () => {
  const squatter = person('entra/ana', { id: 's-squat' });
  const two = [ana, person('okta/ANA', { id: 's-2' })];
  const held = identityInput({ people: [squatter, ...two], claims: [claim('ana', squatter)] });
  assert.deepEqual(
    [squatter, ...two].map((who) => idOf(mapIdentities(held), who)),
    ['ana', 'none: contested', 'none: contested'],
    'of two it is not guessed',
  );
  const back = identityInput({ people: [squatter, ana], claims: [claim('ana', squatter, 'leaving')] });
  assert.equal(idOf(mapIdentities(back), ana), 'ana', 'who is back has it no more than who never left');
  const elsewhere = { ...squatter, userName: 'bob' };
  const stuck = identityInput({ people: [elsewhere, bob, ana], claims: [claim('ana', squatter), claim('bob', bob)] });
  assert.equal(idOf(mapIdentities(stuck), ana), 'ana', 'nor who waits for another one');
});

test("an id that somebody was renamed from is nobody else's before what they owe there is paid", () => {
  const renamed = { ...ana, userName: 'anna' };
  const other = person('okta/ana', { id: 's-2' });
  const claims = [claim('ana', ana, 'leaving'), claim('anna', renamed)];
  const input = identityInput({ people: [renamed, other], claims });
  assert.equal(idOf(mapIdentities(input), other), 'none: contested');
  const paid = [{ person: ana.id, foldedId: 'ana' }];
  assert.equal(idOf(mapIdentities({ ...input, paid }), other), 'ana');
  const owing = [{ person: other.id, foldedId: 'ana' }];
  assert.equal(
    idOf(mapIdentities({ ...input, paid, owing }), other),
    'ana',
    'what they owe there themselves is theirs',
  );
});

test('who left long ago owes nothing at a name that they are given later; who is renamed and leaves at once owes at it', () => {
  const gone = { ...ana, active: false, userName: 'zoe' };
  const owes = (claims: Claim[]) => {
    const { owed } = mapIdentities(identityInput({ people: [gone], claims }));
    return owed.map(({ id }) => id).sort();
  };
  assert.deepEqual(owes([claim('ana', ana, 'leaving')]), ['ana']);
  assert.deepEqual(owes([claim('ana', ana, 'leaving'), claim('anna', ana)]), ['ana', 'anna', 'zoe']);
});

test('a rename gains the new id and owes the old one', () => {
  const renamed = person('okta/anna', { id: 's-ana' });
  const map = mapIdentities(identityInput({ people: [renamed], claims: [claim('ana', ana)] }));
  assert.equal(idOf(map, renamed), 'anna');
  assert.deepEqual(rows(map.store), ['ana s-ana leaving', 'anna s-ana current']);
  assert.deepEqual(
    map.owed.map(({ id, cause }) => [id, cause]),
    [['ana', 'old-id']],
  );
  const back = mapIdentities(identityInput({ people: [ana], claims: [...map.owners.values()] }));
  assert.equal(idOf(back, ana), 'ana');
  assert.deepEqual(back.regained, [{ person: 's-ana', foldedId: 'ana' }]);
  assert.deepEqual(
    back.owed.map(({ id }) => id),
    ['anna'],
  );
});

test('another spelling of the same id is no rename', () => {
  const map = mapIdentities(
    identityInput({ people: [person('okta/Ana', { id: 's-ana' })], claims: [claim('ana', ana)] }),
  );
  assert.deepEqual(rows(map.store), ['Ana s-ana current']);
  assert.deepEqual(map.owed, []);
});

test('swaps between people are solved as one set', () => {
  const a = person('okta/bob', { id: 's-ana' });
  const b = person('okta/ana', { id: 's-bob' });
  const map = mapIdentities(identityInput({ people: [a, b], claims: [claim('ana', ana), claim('bob', bob)] }));
  assert.equal(idOf(map, a), 'bob');
  assert.equal(idOf(map, b), 'ana');
  assert.deepEqual(map.owed.map(({ id, person: who, cause }) => `${id} ${who} ${cause}`).sort(), [
    'ana s-ana old-id',
    'bob s-bob old-id',
  ]);
});

test('a ring that cannot close moves nobody', () => {
  const a = person('okta/bob', { id: 's-ana' });
  const b = person('okta/admin', { id: 's-bob' });
  const map = mapIdentities(identityInput({ people: [a, b], claims: [claim('ana', ana), claim('bob', bob)] }));
  assert.equal(idOf(map, a), 'ana (contested)');
  assert.equal(idOf(map, b), 'bob (protected)');
  assert.deepEqual(map.store, []);
  assert.deepEqual(codes(map), ['identity.contested bob', 'identity.protected admin']);
});

test('names that can never be a principal, protected ids and empty attributes are stored, never mapped', () => {
  const people = ['anonymous', 'SYSTEM', 'role_everyone', 'FACTOR_PASSWORD', 'a\u0007b', 'admin'].map((name) =>
    person('okta/x', { id: name, userName: name }),
  );
  const map = mapIdentities(identityInput({ people }));
  assert.deepEqual([...map.people.values()].map((item) => ('none' in item ? item.none : item.id)).sort(), [
    'protected',
    ...Array(5).fill('reserved'),
  ]);
  assert.deepEqual(map.store, []);
  const absent = mapIdentities(
    identityInput({
      people: [ana],
      identity: { user: 'email', group: 'displayName', transform: 'none', stripDomain: false },
    }),
  );
  assert.equal(idOf(absent, ana), 'none: absent');
});

test('a claim on an id that became protected is released without a debt', () => {
  const owner = person('okta/admin');
  const map = mapIdentities(identityInput({ people: [owner], claims: [claim('admin', owner)] }));
  assert.deepEqual(rows(map.release), ['admin s-admin current']);
  assert.equal(map.owners.size, 0);
  const left = mapIdentities(identityInput({ people: [{ ...owner, active: false }], claims: [claim('admin', owner)] }));
  assert.deepEqual(left.owed, []);
  assert.deepEqual(codes(left), ['identity.protected admin']);
});

test('a connection that may not reach the controller gives no id', () => {
  const map = mapIdentities(identityInput({ people: [ana], reaches: (name) => name !== 'okta' }));
  assert.equal(idOf(map, ana), 'none: connection');
  assert.deepEqual(map.findings, []);
});

test('a reactivated person gets the id back', () => {
  const map = mapIdentities(identityInput({ people: [ana], claims: [claim('ana', ana, 'leaving')] }));
  assert.equal(idOf(map, ana), 'ana');
  assert.deepEqual(map.regained, [{ person: 's-ana', foldedId: 'ana' }]);
  assert.deepEqual(map.owed, []);
});

test('an owner nobody knows keeps the id until an operator gives it free', () => {
  const input = identityInput({ people: [ana], claims: [claim('ana', bob)] });
  assert.equal(idOf(mapIdentities(input), ana), 'none: contested');
  const released = [{ person: bob.id, foldedId: 'ana' }];
  assert.equal(idOf(mapIdentities({ ...input, released }), ana), 'ana');
});

test('an id that was given free when its owner left is theirs when they are back, also while they wait for another one', () => {
  const other = person('okta/ana', { id: 's-2' });
  const renamed = { ...ana, userName: 'bob' };
  const released = [{ person: ana.id, foldedId: 'ana' }];
  const claims = [claim('ana', ana), claim('bob', bob)];
  const map = mapIdentities(identityInput({ people: [renamed, bob, other], claims, released }));
  assert.deepEqual([idOf(map, renamed), idOf(map, other)], ['ana (contested)', 'none: contested']);
});

test('somebody who is made and leaves before they are called anything owes at an id that another one left, also before that one has paid', () => {
  const before = person('-okta/ana', { id: 's-before' });
  const next = person('-okta/ana', { id: 's-next' });
  const claims = [claim('ana', before, 'leaving')];
  const people = [next];
  const tombstones = [{ id: before.id, connection: 'okta', userName: 'ana' }];
  const open = mapIdentities(identityInput({ people, tombstones, claims }));
  assert.deepEqual(
    open.owed.map(({ person: who, id, cause }) => [who, id, cause]).sort(),
    [
      ['s-before', 'ana', 'leaver'],
      ['s-next', 'ana', 'leaver'],
    ],
    'the id is one of them alone: each is judged, and certified, for itself',
  );
  assert.deepEqual(open.store, []);
  const paidBefore = [{ person: before.id, foldedId: 'ana' }];
  const owing = mapIdentities(identityInput({ people, tombstones, claims, paid: paidBefore }));
  assert.deepEqual(
    owing.owed.map(({ person: who, id, cause }) => [who, id, cause]),
    [['s-next', 'ana', 'leaver']],
  );
  assert.deepEqual(owing.store, [claim('ana', next, 'leaving')]);
  const all = [...paidBefore, { person: next.id, foldedId: 'ana' }];
  for (const stored of [owing.store, claims]) {
    const settled = mapIdentities(identityInput({ people, tombstones, claims: stored, paid: all }));
    assert.deepEqual([settled.owed, settled.store], [[], []], 'nobody takes it from the other for ever');
  }
});
