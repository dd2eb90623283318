import fc from 'fast-check';
import type { DirectoryPerson } from '../../src/plan/identities.ts';
import type { PlanInput } from '../../src/plan/input.ts';
import type { OwnedEntry } from '../../src/plan/plan.ts';
import {
  ADMINISTER,
  BUILD,
  DAY,
  definition,
  key,
  NOW,
  named,
  observed,
  planInput,
  READ,
  reason,
  role,
  wanted,
} from './make.ts';

// Arbitrary small worlds: few names, so that everything meets everything.

const NAMES = ['ana', 'Bob', 'cem', 'dora', 'svc-x', 'admin', 'jenkins-scim'];
const ROLES = ['browser', 'dev', 'ops', 'old', 'root'];

const connection = fc.constantFrom('okta', 'entra');
const permissions = fc.subarray([READ, BUILD, ADMINISTER], { minLength: 1 });
const roleName = fc.constantFrom(...ROLES);
const sid = fc.constantFrom(...NAMES, 'BOB', 'eve', 'g:devs', 'g:ana', 'e:cem', 'e:eve');

const people = fc
  .uniqueArray(fc.record({ name: fc.constantFrom(...NAMES), connection, active: fc.boolean() }), {
    selector: ({ name, connection: from }) => `${from}/${name}`,
    maxLength: 7,
  })
  .map((all) =>
    all.map(
      ({ name, connection: from, active }): DirectoryPerson => ({
        id: `s-${from}-${name}`,
        connection: from,
        userName: name,
        active,
      }),
    ),
  );

const wantedRole = fc.record({
  name: roleName,
  permissions,
  existing: fc.boolean(),
  entries: fc.constantFrom('additive' as const, 'exclusive' as const),
});

const uniqueByName = { selector: ({ name }: { name: string }) => name };
const until = fc.constantFrom(undefined, new Date(NOW - DAY).toISOString(), new Date(NOW + DAY).toISOString());

/** A controller, a directory, a policy's wishes and a history, all consistent with each other as the store would have them. */
export const world: fc.Arbitrary<PlanInput> = fc
  .record({
    people,
    roles: fc.uniqueArray(wantedRole, uniqueByName),
    grants: fc.array(fc.record({ role: roleName, who: fc.nat(9) }), { maxLength: 12 }),
    frozen: fc.array(fc.record({ role: roleName, who: fc.nat(9) }), { maxLength: 3 }),
    accounts: fc.array(fc.record({ role: roleName, id: fc.constantFrom('svc-x', 'eve', 'robot') }), { maxLength: 2 }),
    blocked: fc.subarray(ROLES, { maxLength: 1 }),
    observed: fc.uniqueArray(
      fc.record({ name: roleName, permissions, entries: fc.uniqueArray(sid, { maxLength: 6 }) }),
      uniqueByName,
    ),
    ownedRoles: fc.subarray(ROLES),
    owned: fc.uniqueArray(
      fc.record({ role: roleName, id: fc.constantFrom(...NAMES, 'eve', 'BOB'), until, present: fc.boolean() }),
      {
        selector: ({ role: name, id }) => `${name} ${id}`,
        maxLength: 10,
      },
    ),
    grantsConfig: fc.constantFrom('all' as const, 'managed' as const),
    protectRoot: fc.boolean(),
    emptySince: fc.constantFrom(undefined, NOW - 2 * DAY),
  })
  .map((seed) => {
    const active = seed.people.filter((one) => one.active);
    const grants = seed.grants.flatMap(({ role: name, who }) => {
      const one = active[who % Math.max(1, active.length)];
      return one === undefined ? [] : [{ role: key(name), person: one.id, reasons: [reason(`to-${name}`)] }];
    });
    const frozen = seed.frozen.flatMap(({ role: name, who }) => {
      const one = active[who % Math.max(1, active.length)];
      return one === undefined ? [] : [{ role: key(name), person: one.id, reasons: [reason(`frozen-${name}`)] }];
    });
    const accounts = seed.accounts.map(({ role: name, id }) => ({
      role: key(name),
      principal: id,
      reasons: [reason('account')],
    }));
    const isProtected = (id: string): boolean =>
      ['admin', 'jenkins-scim'].includes(id.toLowerCase()) || id.startsWith('svc-');
    const base = planInput();
    const owned = seed.owned.map(
      ({ role: name, id, until: end, present }): OwnedEntry => ({
        role: key(name),
        principal: { type: 'user', id },
        present,
        reasons: [reason('was', end === undefined ? {} : { until: end })],
      }),
    );
    return planInput({
      people: seed.people,
      identities: named(seed.people, { isProtected }),
      desired: {
        roles: seed.roles.map(({ name, ...rest }) =>
          wanted(name, { ...rest, administrative: rest.permissions.includes(ADMINISTER) }),
        ),
        grants: [...grants, ...accounts],
        frozen,
        blocked: seed.blocked.map((name) => key(name)),
      },
      observed: observed(
        ...seed.observed.map(({ name, permissions: has, entries }) => role(definition(name, has), entries)),
      ),
      ownership: {
        entries: owned,
        roles: seed.ownedRoles.map((name) => {
          const filled = seed.observed.some((one) => one.name === name && one.entries.length > 0);
          return {
            role: key(name),
            ...(filled || seed.emptySince === undefined ? {} : { emptySince: seed.emptySince }),
          };
        }),
      },
      controller: { protect: { users: ['svc-*'], groups: [], roles: seed.protectRoot ? ['root'] : [] } },
      change: { leaver: { ...base.leaver, grants: seed.grantsConfig } },
    });
  });
