import { digest } from '../../src/access/canonical.ts';
import type { Observed, ObservedRole, PermissionInfo } from '../../src/access/ports/controller.ts';
import { foldId, type IdStrategy, type Principal } from '../../src/access/principal.ts';
import type { Reason } from '../../src/access/reason.ts';
import { type RoleDefinition, type RoleKey, roleKey } from '../../src/access/role.ts';
import type { Desired, WantedGrant, WantedRole } from '../../src/plan/desired.ts';
import type { Claim, DirectoryPerson, IdentityInput, IdentityMap } from '../../src/plan/identities.ts';
import { mapIdentities } from '../../src/plan/identity.ts';
import type { PlanInput, Standing } from '../../src/plan/input.ts';
import type { OwnedEntry, Ownership } from '../../src/plan/plan.ts';
import type { Step } from '../../src/plan/step.ts';

// Small worlds for the tests of src/plan.

export const NOW = Date.parse('2026-11-24T08:00:00.000Z');
export const DAY = 86_400_000;
export const ADMINISTER = 'hudson.model.Hudson.Administer';
export const READ = 'hudson.model.Hudson.Read';
export const BUILD = 'hudson.model.Item.Build';

export const CATALOGUE: readonly PermissionInfo[] = [
  { id: 'hudson.security.Permission.FullControl', title: 'N/A/FullControl', enabled: true },
  { id: ADMINISTER, title: 'Overall/Administer', enabled: true, impliedBy: 'hudson.security.Permission.FullControl' },
  { id: 'hudson.model.Hudson.Manage', title: 'Overall/Manage', enabled: true, impliedBy: ADMINISTER },
  { id: READ, title: 'Overall/Read', enabled: true, impliedBy: ADMINISTER },
  { id: BUILD, title: 'Job/Build', enabled: true, impliedBy: ADMINISTER },
];

/** `okta/ana` is the active person ana of okta with SCIM id `s-ana`; `-okta/ana` is inactive. */
export function person(text: string, change: Partial<DirectoryPerson> = {}): DirectoryPerson {
  const [, minus, connection = '', userName = ''] = /^(-?)([^/]+)\/(.+)$/.exec(text) ?? [];
  return { id: `s-${userName}`, connection, userName, active: minus === '', ...change };
}

export function claim(id: string, owner: DirectoryPerson, state: Claim['state'] = 'current'): Claim {
  return { foldedId: id.toLowerCase(), id, person: owner.id, connection: owner.connection, state };
}

export function identityInput(change: Partial<IdentityInput> = {}): IdentityInput {
  return {
    people: [],
    tombstones: [],
    claims: [],
    identity: { user: 'userName', group: 'displayName', transform: 'none', stripDomain: false },
    ids: 'case-insensitive',
    isProtected: (id) => id === 'admin',
    primary: 'okta',
    reaches: () => true,
    paid: [],
    released: [],
    owing: [],
    ...change,
  };
}

/** Everybody mapped to their userName, as a first round would. */
export function named(people: readonly DirectoryPerson[], change: Partial<IdentityInput> = {}): IdentityMap {
  return mapIdentities(identityInput({ people, isProtected: () => false, ...change }));
}

export function key(name: string, type: RoleKey['type'] = 'global'): RoleKey {
  return { type, name };
}

export function definition(
  name: string,
  permissions: readonly string[] = [READ],
  change: Partial<RoleDefinition> = {},
) {
  return { type: 'global', name, pattern: '.*', permissions, ...change } satisfies RoleDefinition;
}

export function wanted(name: string, change: Partial<WantedRole> = {}): WantedRole {
  return {
    ...definition(name),
    policyRole: name,
    file: 'policy.yaml',
    line: 7,
    existing: false,
    administrative: false,
    entries: 'additive',
    ...change,
  };
}

/** `ana` is a user entry, `g:devs` a group, `e:old` an entry without a kind. */
export function entry(text: string): Principal {
  if (text.startsWith('g:')) return { type: 'group', id: text.slice(2) };
  return text.startsWith('e:') ? { type: 'either', id: text.slice(2) } : { type: 'user', id: text };
}

export function role(definitionOf: RoleDefinition | string, entries: readonly string[] = []): ObservedRole {
  const found = typeof definitionOf === 'string' ? definition(definitionOf) : definitionOf;
  return sealed({ ...found, entries: entries.map(entry), digest: '' });
}

function sealed(found: ObservedRole): ObservedRole {
  const { digest: _, ...rest } = found;
  return { ...rest, digest: digest(rest) };
}

export function observed(...roles: readonly ObservedRole[]): Observed {
  return { roles, session: 's1', fingerprint: 'f1', time: NOW };
}

export function reason(rule: string, change: Partial<Reason> = {}): Reason {
  return { rule, file: 'policy.yaml', line: 31, policy: 'p1', ...change };
}

export function grant(name: string, to: DirectoryPerson | string, reasons: readonly Reason[] = [reason(`to-${name}`)]) {
  const whom = typeof to === 'string' ? { principal: to } : { person: to.id };
  return { role: key(name), reasons, ...whom } satisfies WantedGrant;
}

export function desired(change: Partial<Desired> = {}): Desired {
  return { policy: 'p1', roles: [], grants: [], blocked: [], expired: [], frozen: [], findings: [], ...change };
}

export function owned(roleName: string, principal: string, change: Partial<OwnedEntry> = {}): OwnedEntry {
  return { role: key(roleName), principal: entry(principal), ...change };
}

export function ownership(roles: readonly (string | RoleKey)[], entries: readonly OwnedEntry[] = []): Ownership {
  return { roles: roles.map((name) => ({ role: typeof name === 'string' ? key(name) : name })), entries };
}

export function standingOf(people: readonly DirectoryPerson[], gone: readonly string[] = []): Map<string, Standing> {
  return new Map([
    ...people.map(({ id, active }) => [id, active ? 'active' : 'inactive'] as const),
    ...gone.map((id) => [id, 'deleted'] as const),
  ]);
}

export interface Scenario {
  readonly people?: readonly DirectoryPerson[];
  readonly identities?: IdentityMap;
  readonly desired?: Partial<Desired>;
  readonly observed?: Observed;
  readonly ownership?: Ownership;
  readonly change?: Partial<PlanInput>;
  readonly controller?: Partial<PlanInput['controller']>;
}

export function planInput(scenario: Scenario = {}): PlanInput {
  const people = scenario.people ?? [];
  return {
    controller: {
      name: 'ci',
      mode: 'enforce',
      user: 'jenkins-scim',
      protect: { users: [], groups: [], roles: [] },
      breakGlass: ['admin'],
      ...scenario.controller,
    },
    capabilities: { userIds: 'case-insensitive', groupIds: 'case-insensitive', permissions: CATALOGUE },
    observed: scenario.observed ?? observed(),
    desired: desired(scenario.desired),
    identities: scenario.identities ?? named(people),
    standing: standingOf(people),
    ownership: scenario.ownership ?? ownership([]),
    debts: [],
    leaver: {
      tokens: 'revoke',
      sshKeys: 'remove',
      sessions: 'end',
      password: 'scramble',
      grants: 'all',
      record: 'keep',
      unentitledGrace: 3_600_000,
    },
    scope: 'all',
    now: NOW,
    ...scenario.change,
  };
}

/** A step in short: `+ana browser`, `-ana browser (policy)`, `+role x`, `~role x`, `-role x`, `revoke-tokens ana`. */
export function short(step: Step): string {
  switch (step.kind) {
    case 'grant':
      return `+${step.principal.id} ${step.role.name}`;
    case 'revoke':
      return `-${step.principal.id} ${step.role.name} (${step.cause})`;
    case 'create-role':
      return `+role ${step.role.name}`;
    case 'update-role':
      return `~role ${step.role.name}`;
    case 'delete-role':
      return `-role ${step.role.name}`;
    default:
      return `${step.kind} ${step.principal.id}`;
  }
}

/** What a controller and the store hold after the steps were done and read back. */
export function applied(input: PlanInput, steps: readonly Step[]): Pick<PlanInput, 'observed' | 'ownership'> {
  const { userIds } = input.capabilities;
  const roles = new Map(input.observed.roles.map((item) => [roleKey(item), item]));
  const ownedRoles = new Map(input.ownership.roles.map((item) => [roleKey(item.role), item]));
  const entries = new Map(input.ownership.entries.map((item) => [`${roleKey(item.role)} ${item.principal.id}`, item]));
  const edit = (at: RoleKey, change: (all: readonly Principal[]) => readonly Principal[]): void => {
    const found = roles.get(roleKey(at));
    if (found === undefined) throw new Error(`no role ${at.name}`);
    roles.set(roleKey(at), sealed({ ...found, entries: change(found.entries) }));
  };
  const same = (a: Principal) => (b: Principal) => a.type === b.type && a.id === b.id;
  for (const step of steps) {
    if (step.kind === 'create-role') {
      if (roles.has(roleKey(step.role))) throw new Error(`role ${step.role.name} is there`);
      roles.set(roleKey(step.role), sealed({ ...step.role, entries: [], digest: '' }));
      ownedRoles.set(roleKey(step.role), { role: key(step.role.name, step.role.type) });
    } else if (step.kind === 'update-role') {
      roles.set(
        roleKey(step.role),
        sealed({ ...step.role, entries: roles.get(roleKey(step.role))?.entries ?? [], digest: '' }),
      );
    } else if (step.kind === 'delete-role') {
      if ((roles.get(roleKey(step.role))?.entries.length ?? 0) > 0)
        throw new Error(`role ${step.role.name} has entries`);
      roles.delete(roleKey(step.role));
      ownedRoles.delete(roleKey(step.role));
    } else if (step.kind === 'grant') {
      edit(step.role, (all) => [...all, step.principal]);
      const { person: whose } = step;
      const made = { role: step.role, principal: step.principal, reasons: step.reasons, present: true };
      entries.set(
        `${roleKey(step.role)} ${step.principal.id}`,
        whose === undefined ? made : { ...made, person: whose },
      );
    } else if (step.kind === 'revoke') edit(step.role, (all) => all.filter((one) => !same(step.principal)(one)));
    else if (step.kind === 'remove-entries') {
      const id = fold(step.principal.id, userIds);
      const exact = new Set(
        (step.entries ?? []).map((item) => `${roleKey(item.role)} ${item.principal.type} ${item.principal.id}`),
      );
      for (const [at, found] of roles)
        edit(found, (all) =>
          all.filter(({ type, id: sid }) =>
            step.exactly === true ? !exact.has(`${at} ${type} ${sid}`) : type === 'group' || fold(sid, userIds) !== id,
          ),
        );
    }
  }
  return {
    observed: { ...input.observed, roles: [...roles.values()] },
    ownership: { roles: [...ownedRoles.values()], entries: [...entries.values()] },
  };
}

function fold(id: string, strategy: IdStrategy): string {
  return foldId(id, strategy);
}
