import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Claim, DirectoryPerson, IdentityInput } from '../../src/plan/identities.ts';
import { mapIdentities } from '../../src/plan/identity.ts';
import { identityInput } from './make.ts';

const NAMES = ['ana', 'ANA', 'bob', 'cem', 'admin', 'system'];

/** People over two rounds: what they were called when claims were made, and what they are called now. */
const rounds = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5'),
      connection: fc.constantFrom('okta', 'entra'),
      before: fc.constantFrom(...NAMES),
      after: fc.constantFrom(...NAMES),
      wasActive: fc.boolean(),
      active: fc.boolean(),
      deleted: fc.boolean(),
    }),
    { selector: ({ id }) => id },
  )
  .map((all) => {
    const first = all.map(
      ({ id, connection, before, wasActive }): DirectoryPerson => ({
        id,
        connection,
        userName: before,
        active: wasActive,
      }),
    );
    const now = all.map(({ id, connection, after, active, deleted }) => ({
      id,
      connection,
      userName: after,
      active,
      deleted,
    }));
    return { first, now };
  });

function next(claims: readonly Claim[], now: readonly (DirectoryPerson & { deleted?: boolean })[]): IdentityInput {
  return identityInput({
    people: now.filter(({ deleted }) => deleted !== true),
    tombstones: now.filter(({ deleted }) => deleted === true),
    claims,
  });
}

test('nobody shares an id, everybody has at most one, and the second look changes nothing', () => {
  fc.assert(
    fc.property(rounds, ({ first, now }) => {
      const before = mapIdentities(next([], first));
      const map = mapIdentities(next([...before.owners.values()], now));
      const held = [...map.people.values()].flatMap((item) => ('none' in item ? [] : [item.foldedId]));
      assert.equal(new Set(held).size, held.length);
      for (const [who, item] of map.people) {
        if ('none' in item) continue;
        assert.equal(map.owners.get(item.foldedId)?.person, who);
        assert.equal(map.owners.get(item.foldedId)?.state, 'current');
      }
      const again = mapIdentities(next([...map.owners.values()], now));
      assert.deepEqual(again.store, []);
      assert.deepEqual(again.release, []);
      assert.deepEqual([...again.people], [...map.people]);
    }),
    { numRuns: 500 },
  );
});

test('no id changes hands from somebody who left before the debt is paid', () => {
  fc.assert(
    fc.property(rounds, ({ first, now }) => {
      const before = mapIdentities(next([], first));
      const map = mapIdentities(next([...before.owners.values()], now));
      for (const claim of before.owners.values()) {
        const owner = now.find(({ id }) => id === claim.person);
        if (owner === undefined || (owner.active && !owner.deleted)) continue;
        assert.equal(map.owners.get(claim.foldedId)?.person, claim.person);
        assert.ok(map.owed.some((owed) => owed.foldedId === claim.foldedId && owed.cause === 'leaver'));
      }
    }),
    { numRuns: 500 },
  );
});

test('protected and reserved ids are never claimed, and the order of people is irrelevant', () => {
  fc.assert(
    fc.property(rounds, ({ first, now }) => {
      const before = mapIdentities(next([], first));
      const input = next([...before.owners.values()], now);
      const map = mapIdentities(input);
      assert.ok(!map.owners.has('admin') && !map.owners.has('system'));
      const turned = mapIdentities({ ...input, people: input.people.toReversed(), claims: input.claims.toReversed() });
      assert.deepEqual(new Map([...turned.people].sort()), new Map([...map.people].sort()));
      const key = (item: { person: string; foldedId: string }) => `${item.person} ${item.foldedId}`;
      assert.deepEqual(turned.owed.map(key).sort(), map.owed.map(key).sort());
    }),
    { numRuns: 300 },
  );
});

test('a person of the primary connection never loses an id to one of another', () => {
  fc.assert(
    fc.property(rounds, ({ first, now }) => {
      const before = mapIdentities(next([], first));
      const map = mapIdentities(next([...before.owners.values()], now));
      for (const claim of before.owners.values()) {
        const after = map.owners.get(claim.foldedId);
        const owner = now.find(({ id }) => id === claim.person);
        const stays = owner?.active && !owner.deleted && owner.userName.toLowerCase() === claim.foldedId;
        if (claim.connection === 'okta' && stays && claim.state === 'current') assert.equal(after?.connection, 'okta');
      }
    }),
  );
});

test('an id that somebody had in between is owed and given to nobody before that is paid; nothing else changes hands', () => {
  const via = fc.array(
    fc.tuple(fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5'), fc.constantFrom('via', 'VIA', ...NAMES)),
    {
      maxLength: 4,
    },
  );
  let owing = 0;
  fc.assert(
    fc.property(rounds, via, fc.boolean(), ({ first, now }, had, paidBefore) => {
      const claims = [...mapIdentities(next([], first)).owners.values()];
      const taken = new Set(claims.map(({ foldedId }) => foldedId));
      const of = new Map<string, (typeof now)[number]>(now.map((who) => [who.id, who]));
      const passed = had.flatMap(([person, id]): Claim[] => {
        const who = of.get(person);
        const foldedId = id.toLowerCase();
        if (who === undefined || taken.has(foldedId) || who.userName.toLowerCase() === foldedId) return [];
        taken.add(foldedId);
        return [{ foldedId, id, person, connection: who.connection, state: 'leaving' }];
      });
      const paid = paidBefore ? passed.map(({ person, foldedId }) => ({ person, foldedId })) : [];
      const input = { ...next(claims, now), paid };
      const without = mapIdentities(input);
      const map = mapIdentities({ ...input, passed });
      for (const { foldedId, id, person } of passed) {
        if (input.isProtected(id) || id.toLowerCase() === 'system') {
          assert.ok(!map.owed.some((one) => one.foldedId === foldedId));
          continue;
        }
        owing += 1;
        assert.equal(map.owners.get(foldedId)?.person, person);
        assert.equal(map.owners.get(foldedId)?.state, 'leaving');
        const { active, deleted } = of.get(person)!;
        const cause = active && !deleted ? 'old-id' : 'leaver';
        assert.ok(map.owed.some((one) => one.person === person && one.foldedId === foldedId && one.cause === cause));
        assert.ok(
          map.store.some((one) => one.foldedId === foldedId && one.person === person),
          'it is stored',
        );
      }
      const names = new Set(passed.map(({ foldedId }) => foldedId));
      // Who waits for such an id keeps the old one, and others wait for that.
      if (now.some(({ userName }) => names.has(userName.toLowerCase()))) return;
      for (const [foldedId, claim] of without.owners)
        if (!names.has(foldedId)) assert.equal(map.owners.get(foldedId)?.person, claim.person);
    }),
    { numRuns: 300 },
  );
  assert.ok(owing > 10);
});
