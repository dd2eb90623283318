import type { Steps } from '../access/breather.ts';
import { inSteps } from '../access/inSteps.ts';
import type { ObservedRole } from '../access/ports/controller.ts';
import { foldId, type Principal } from '../access/principal.ts';
import { type RoleKey, roleKey } from '../access/role.ts';
import { type Authority, authority } from './administrative.ts';
import type { WantedRole } from './desired.ts';
import type { PlanInput } from './input.ts';
import type { OwnedEntry } from './plan.ts';
import { type Protection, protection } from './protection.ts';

/** The input of a plan with the indexes that its parts share. */
export interface Scene {
  readonly input: PlanInput;
  readonly observed: ReadonlyMap<string, ObservedRole>;
  readonly wanted: ReadonlyMap<string, WantedRole>;
  readonly blocked: ReadonlySet<string>;
  /** Roles the service created or adopted; the value is when it was first seen empty. */
  readonly ownedRoles: ReadonlyMap<string, number | undefined>;
  /** By exact entry. */
  readonly ownedEntries: ReadonlyMap<string, OwnedEntry>;
  readonly protection: Protection;
  readonly authority: Authority;
  /** Folds a SID as entries of its type are compared. */
  fold(principal: Principal): string;
  inScope(person: string | undefined): boolean;
  /** Somebody who is left alone: neither gains nor loses. */
  isExcepted(person: string | undefined): boolean;
  readonly whole: boolean;
}

/** The scene of a plan, in steps. */
export function* sceneSteps(input: PlanInput): Steps<Scene> {
  const { capabilities, scope, except } = input;
  const isExcepted = (person: string | undefined): boolean => person !== undefined && except?.has(person) === true;
  const ownedEntries = new Map<string, OwnedEntry>();
  yield* inSteps(input.ownership.entries, (entry) => {
    ownedEntries.set(entryKey(entry.role, entry.principal), entry);
  });
  return {
    input,
    observed: new Map(input.observed.roles.map((role) => [roleKey(role), role])),
    wanted: new Map(input.desired.roles.map((role) => [roleKey(role), role])),
    blocked: new Set(input.desired.blocked.map(roleKey)),
    ownedRoles: new Map(input.ownership.roles.map(({ role, emptySince }) => [roleKey(role), emptySince])),
    ownedEntries,
    protection: protection(input.controller, capabilities),
    authority: authority(capabilities.permissions),
    fold: ({ type, id }) => foldId(id, type === 'group' ? capabilities.groupIds : capabilities.userIds),
    inScope: (person) => !isExcepted(person) && (scope === 'all' || (person !== undefined && scope.has(person))),
    isExcepted,
    whole: scope === 'all',
  };
}

/** Names an entry byte for byte. */
export function entryKey(role: RoleKey, { type, id }: Principal): string {
  return `${roleKey(role)}\u0000${type}\u0000${id}`;
}

/** Names what a user entry gives to whom: entries that differ in spelling only are one. */
export function foldedKey(role: RoleKey, folded: string): string {
  return `${roleKey(role)}\u0000${folded}`;
}

/** All entries of some roles, one after another, so that many small roles make no longer step than a large one. */
export function* entriesIn(roles: Iterable<ObservedRole>): Generator<readonly [ObservedRole, Principal]> {
  for (const role of roles) for (const principal of role.entries) yield [role, principal];
}
