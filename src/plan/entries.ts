import type { Steps } from '../access/breather.ts';
import type { Finding } from '../access/finding.ts';
import { flatInSteps, inSteps } from '../access/inSteps.ts';
import type { ObservedRole } from '../access/ports/controller.ts';
import type { Principal } from '../access/principal.ts';
import { type RoleKey, roleKey } from '../access/role.ts';
import type { WantedRole } from './desired.ts';
import { entryFinding } from './findings.ts';
import type { LeaverPlan } from './leavers.ts';
import type { NamedPerson, OwnedEntry } from './plan.ts';
import { definitionOf, placeOf, type RolePlan } from './roles.ts';
import { entriesIn, entryKey, type Scene } from './scene.ts';
import type { Cause, Entry, GrantStep, RevokeStep } from './step.ts';
import { isKept, type Target, type Targets } from './targets.ts';
import { unentitledOf } from './unentitled.ts';
import { type UserIndex, userIndex } from './userIndex.ts';

export interface EntryPlan {
  readonly grants: readonly GrantStep[];
  readonly revokes: readonly RevokeStep[];
  readonly matched: readonly OwnedEntry[];
  readonly owned: readonly OwnedEntry[];
  readonly unmanaged: readonly OwnedEntry[];
  readonly falling: readonly Entry[];
  readonly spared: readonly Entry[];
  readonly unentitled: readonly NamedPerson[];
  readonly findings: readonly Finding[];
}

/**
 * Which entries come and go. An entry that is wanted and there is satisfied whatever its spelling; only owned entries fall,
 * those that leaver steps remove excepted: of ids in `handled`, and what is `falling` at ids that were handed on.
 */
export function* entrySteps(
  scene: Scene,
  targets: Targets,
  roles: RolePlan,
  { handled, falling: left }: Pick<LeaverPlan, 'handled' | 'falling'>,
): Steps<EntryPlan> {
  const index = yield* userIndex(scene);
  const gains = yield* gainsOf(scene, targets, roles, index, left);
  const losses = [
    ...(yield* lossesOf(scene, targets, handled, index)),
    ...(scene.whole ? yield* exclusiveLosses(scene, targets, handled) : []),
  ];
  const revokes = losses.filter(({ role, principal }) => !left.has(entryKey(role, principal)));
  const falling = new Set(left);
  yield* inSteps(revokes, ({ role, principal }) => {
    falling.add(entryKey(role, principal));
  });
  return {
    ...gains,
    revokes,
    ...(yield* unmanagedOf(scene, targets, roles, handled, falling)),
    spared: yield* sparedOf(scene, roles),
    unentitled: yield* unentitledOf(scene, targets, { handled, index, revokes }),
    findings: scene.whole ? yield* lookalikes(scene) : [],
  };
}

function* gainsOf(
  scene: Scene,
  targets: Targets,
  { open, create, update }: RolePlan,
  index: UserIndex,
  left: ReadonlySet<string>,
) {
  const grants: GrantStep[] = [];
  const matched: OwnedEntry[] = [];
  const owned: OwnedEntry[] = [];
  const administrative = administrativeRoles(scene, [...create, ...update]);
  yield* inSteps(targets.wanted.values(), (target) => {
    const { role, principal, folded, reasons } = target;
    const key = roleKey(role);
    const observed = scene.observed.get(key);
    const found = observed === undefined ? [] : (index(observed).get(folded) ?? []);
    const there = left.size === 0 ? found : found.filter((entry) => !left.has(entryKey(role, entry)));
    if (there.length > 0) {
      const mine = there.find((found) => scene.ownedEntries.has(entryKey(role, found)));
      const known = mine === undefined ? undefined : scene.ownedEntries.get(entryKey(role, mine));
      if (known?.compromised === true) return;
      if (known !== undefined && known.present !== false && known.person === target.person) return;
      const entry: OwnedEntry = { role, principal: mine ?? there[0]!, ...personOf(target), reasons, present: true };
      // One of ours that was not there when it was last read, and is, or whose id is somebody else now: from now on it counts as that.
      if (known !== undefined) {
        owned.push(entry);
        return;
      }
      if (scene.ownedRoles.has(key)) owned.push(entry);
      else matched.push(entry);
      return;
    }
    if (!open.has(key)) return;
    const known = scene.ownedEntries.get(entryKey(role, principal));
    const drift = known?.present === true && known.person === target.person;
    grants.push({
      kind: 'grant',
      role,
      principal,
      ...personOf(target),
      reasons,
      cause: drift ? 'drift' : 'gain',
      administrative: administrative(key),
    });
  });
  return { grants, matched, owned };
}

/** A role counts as administrative for gains if it is or becomes so. */
function administrativeRoles(
  scene: Scene,
  changes: readonly { readonly role: RoleKey; readonly administrative: boolean }[],
): (key: string) => boolean {
  const changed = new Set(changes.filter((step) => step.administrative).map(({ role }) => roleKey(role)));
  return (key) => {
    const observed = scene.observed.get(key);
    const now = observed !== undefined && scene.authority.administrative(observed.permissions);
    return now || changed.has(key);
  };
}

function lossesOf(scene: Scene, targets: Targets, handled: ReadonlySet<string>, index: UserIndex): Steps<RevokeStep[]> {
  const { owners } = scene.input.identities;
  const expired = new Set(scene.input.desired.expired);
  return flatInSteps(scene.input.ownership.entries, (entry): RevokeStep[] => {
    const { role, principal } = entry;
    const observed = scene.observed.get(roleKey(role));
    if (observed === undefined) return [];
    const folded = scene.fold(principal);
    const owner = principal.type === 'group' ? undefined : owners.get(folded);
    if (!scene.whole && (owner === undefined || !scene.inScope(owner.person))) return [];
    if (scene.isExcepted(owner?.person ?? entry.person)) return [];
    if (principal.type !== 'group' && handled.has(folded)) return [];
    if (principal.type === 'user' && entry.compromised !== true && isKept(targets, role, folded)) return [];
    if (scene.blocked.has(roleKey(role)) || scene.protection.entry(role, principal)) return [];
    const there = principal.type === 'user' ? (index(observed).get(folded) ?? []) : observed.entries;
    if (!there.some(({ type, id }) => type === principal.type && id === principal.id)) return [];
    const person = owner?.person ?? entry.person;
    const cause = causeOf(scene, targets, entry, person, expired);
    return [revoke(scene, { role, principal, person, observed, reasons: entry.reasons ?? [], cause })];
  });
}

function causeOf(
  scene: Scene,
  targets: Targets,
  entry: OwnedEntry,
  person: string | undefined,
  expired: ReadonlySet<string>,
): Cause {
  const reasons = entry.reasons ?? [];
  const ended = reasons.every(
    ({ rule, until }) =>
      (person !== undefined && expired.has(`${rule}\u0000${person}`)) ||
      (until !== undefined && Date.parse(until) <= scene.input.now),
  );
  if (reasons.length > 0 && ended) return 'expired';
  const standing = person === undefined ? undefined : scene.input.standing.get(person);
  if (standing === 'inactive' || standing === 'deleted') return 'leaver';
  if (entry.compromised === true) return 'compromised';
  if (entry.present === false) return 'drift';
  return standing === 'active' && !targets.entitled.has(person!) ? 'unentitled' : 'policy';
}

function* exclusiveLosses(scene: Scene, targets: Targets, handled: ReadonlySet<string>): Steps<RevokeStep[]> {
  const exclusive = new Map<ObservedRole, WantedRole>();
  for (const [key, wanted] of scene.wanted) {
    const observed = scene.observed.get(key);
    if (wanted.entries !== 'exclusive' || observed === undefined || scene.blocked.has(key)) continue;
    if (!wanted.existing && !scene.ownedRoles.has(key)) continue;
    exclusive.set(observed, wanted);
  }
  return yield* flatInSteps(entriesIn(exclusive.keys()), ([observed, principal]) => {
    const wanted = exclusive.get(observed)!;
    const role: RoleKey = { type: wanted.type, name: wanted.name };
    const folded = scene.fold(principal);
    if (scene.ownedEntries.has(entryKey(role, principal)) || scene.protection.entry(role, principal)) return [];
    if (principal.type !== 'group' && handled.has(folded)) return [];
    if (principal.type === 'user' && isKept(targets, role, folded)) return [];
    const person = principal.type === 'group' ? undefined : scene.input.identities.owners.get(folded)?.person;
    if (scene.isExcepted(person)) return [];
    return [revoke(scene, { role, principal, person, observed, reasons: [placeOf(scene, wanted)], cause: 'policy' })];
  });
}

function revoke(
  scene: Scene,
  loss: {
    role: RoleKey;
    principal: Principal;
    person: string | undefined;
    observed: ObservedRole;
    reasons: RevokeStep['reasons'];
    cause: Cause;
  },
): RevokeStep {
  const { role, principal, person, observed, reasons, cause } = loss;
  const administrative = scene.authority.administrative(definitionOf(observed).permissions);
  return {
    kind: 'revoke',
    role: { type: role.type, name: role.name },
    principal,
    ...(person === undefined ? {} : { person }),
    reasons,
    cause,
    administrative,
  };
}

function* unmanagedOf(
  scene: Scene,
  targets: Targets,
  { update }: RolePlan,
  handled: ReadonlySet<string>,
  falling: ReadonlySet<string>,
): Steps<Pick<EntryPlan, 'unmanaged' | 'falling'>> {
  const looked = scene.whole
    ? [...scene.observed.values()]
    : update.flatMap(({ role }) => scene.observed.get(roleKey(role)) ?? []);
  const found: OwnedEntry[] = [];
  const fall: Entry[] = [];
  yield* inSteps(entriesIn(looked), ([observed, principal]) => {
    const role: RoleKey = { type: observed.type, name: observed.name };
    const key = entryKey(role, principal);
    if (scene.ownedEntries.has(key) || scene.protection.entry(role, principal)) return;
    const folded = scene.fold(principal);
    if (falling.has(key) || (principal.type !== 'group' && handled.has(folded))) fall.push({ role, principal });
    else if (principal.type !== 'user' || !isKept(targets, role, folded)) found.push({ role, principal });
  });
  return { unmanaged: found, falling: fall };
}

/** What neither gains nor loses, where a redefinition may give or take: the guard compares the effect. */
function sparedOf(scene: Scene, { update }: RolePlan): Steps<Entry[]> {
  const redefined = update.flatMap(({ role }) => scene.observed.get(roleKey(role)) ?? []);
  return flatInSteps(entriesIn(redefined), ([{ type, name }, principal]): Entry[] => {
    const role: RoleKey = { type, name };
    return scene.protection.entry(role, principal) ? [{ role, principal }] : [];
  });
}

/** Entries of other kinds that Jenkins may still match with a person: they are not ours, and a person should know. */
function* lookalikes(scene: Scene): Steps<Finding[]> {
  const { owners } = scene.input.identities;
  const found: Finding[] = [];
  yield* inSteps(entriesIn(scene.observed.values()), ([role, principal]) => {
    const owner = principal.type === 'user' ? undefined : owners.get(scene.fold(principal));
    if (owner === undefined || scene.protection.entry(role, principal)) return;
    const leaves = owner.state === 'leaving';
    const what = principal.type === 'group' ? 'A group entry' : 'An entry without a kind';
    found.push(
      entryFinding(
        'entry.lookalike',
        leaves && principal.type === 'group' ? 'warning' : 'info',
        { role: { type: role.type, name: role.name }, principal },
        `${what} ${principal.id} reads like a person${leaves ? ' who left' : ''} of ${owner.connection}.`,
        'Make it a user entry by a rule, or remove it by hand.',
      ),
    );
  });
  return found;
}

function personOf({ person }: Target): { readonly person?: string } {
  return person === undefined ? {} : { person };
}
