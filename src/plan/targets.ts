import type { Steps } from '../access/breather.ts';
import type { Finding } from '../access/finding.ts';
import { inSteps } from '../access/inSteps.ts';
import { isReservedId, type Principal } from '../access/principal.ts';
import type { Reason } from '../access/reason.ts';
import { type RoleKey, roleKey } from '../access/role.ts';
import type { WantedGrant } from './desired.ts';
import { entryFinding } from './findings.ts';
import { foldedKey, type Scene } from './scene.ts';

/** A user entry that is wanted. */
export interface Target {
  readonly role: RoleKey;
  readonly principal: Principal;
  readonly folded: string;
  readonly person?: string;
  readonly reasons: readonly Reason[];
}

export interface Targets {
  /** By `foldedKey`. */
  readonly wanted: ReadonlyMap<string, Target>;
  /** Kept where they are held. */
  readonly frozen: ReadonlyMap<string, Target>;
  /** People something is wanted or kept for. */
  readonly entitled: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** Grants of people and of named accounts as user entries of this controller; reasons of equal ones are joined. */
export function* targetSteps(scene: Scene): Steps<Targets> {
  const findings: Finding[] = [];
  const wanted = yield* collect(scene, scene.input.desired.grants, findings);
  for (const [key, target] of yield* following(scene)) if (!wanted.has(key)) wanted.set(key, target);
  const frozen = yield* collect(scene, scene.input.desired.frozen, findings);
  const entitled = new Set<string>();
  for (const targets of [wanted, frozen])
    yield* inSteps(targets.values(), ({ person }) => {
      if (person !== undefined) entitled.add(person);
    });
  return { wanted, frozen, entitled, findings };
}

/**
 * What somebody keeps though nothing gives it, where it stands at an id that is theirs no more: the new id has it first, as it has what is
 * given (semantics §1). Anywhere else nobody gains by it.
 */
function* following(scene: Scene): Steps<Map<string, Target>> {
  const targets = yield* collect(scene, scene.input.desired.following ?? [], []);
  if (targets.size === 0) return targets;
  const nameOf = (person: string, role: RoleKey): string => `${person}\u0000${roleKey(role)}`;
  const left = new Set<string>();
  yield* inSteps(scene.input.ownership.entries, ({ role, principal, person, present, compromised }) => {
    const identity = person === undefined ? undefined : scene.input.identities.people.get(person);
    if (identity === undefined || !('foldedId' in identity) || present !== true || compromised === true) return;
    if (principal.type === 'user' && scene.fold(principal) !== identity.foldedId) left.add(nameOf(person!, role));
  });
  yield* inSteps([...targets], ([key, { person, role }]) => {
    if (!left.has(nameOf(person!, role))) targets.delete(key);
  });
  return targets;
}

function* collect(scene: Scene, grants: readonly WantedGrant[], findings: Finding[]): Steps<Map<string, Target>> {
  const targets = new Map<string, Target>();
  yield* inSteps(grants, (grant) => {
    const target = grant.person === undefined ? accountTarget(scene, grant, findings) : personTarget(scene, grant);
    if (target === undefined) return;
    const key = foldedKey(target.role, target.folded);
    const known = targets.get(key);
    targets.set(key, known === undefined ? target : { ...known, reasons: [...known.reasons, ...target.reasons] });
  });
  yield* inSteps(targets, ([key, target]) => {
    if (target.reasons.length > 1) targets.set(key, { ...target, reasons: target.reasons.toSorted(byRule) });
  });
  return targets;
}

function personTarget(scene: Scene, { role, person, reasons }: WantedGrant): Target | undefined {
  if (person === undefined || !scene.inScope(person)) return undefined;
  const identity = scene.input.identities.people.get(person);
  if (identity === undefined || 'none' in identity || scene.protection.user(identity.id)) return undefined;
  const principal: Principal = { type: 'user', id: identity.id };
  return { role, principal, folded: identity.foldedId, person, reasons };
}

function accountTarget(scene: Scene, { role, principal: id, reasons }: WantedGrant, findings: Finding[]) {
  if (id === undefined || !scene.whole) return undefined;
  const principal: Principal = { type: 'user', id };
  const folded = scene.fold(principal);
  const owner = scene.input.identities.owners.get(folded);
  if (!isReservedId(id) && owner === undefined && !scene.protection.user(id))
    return { role, principal, folded, reasons };
  const [code, finding, remedy] =
    owner !== undefined
      ? [
          'entry.account-is-person',
          `A rule names the account ${id}, which is a person of ${owner.connection}.`,
          'Write `user:` with an end.',
        ]
      : isReservedId(id)
        ? ['entry.reserved', `A rule names ${id}, which can never be an account.`, 'Name another account.']
        : [
            'entry.protected',
            `A rule names ${id}, which is protected: it gains nothing.`,
            'Take it out of the rule or of `protect`.',
          ];
  findings.push(entryFinding(code!, 'warning', { role, principal }, finding!, remedy!));
  return undefined;
}

function byRule(a: Reason, b: Reason): number {
  const left = `${a.rule}\u0000${a.groupId ?? ''}`;
  const right = `${b.rule}\u0000${b.groupId ?? ''}`;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether the entry of somebody (folded id) stays: a rule gives it, or a deleted group freezes it. */
export function isKept({ wanted, frozen }: Targets, role: RoleKey, folded: string): boolean {
  const key = foldedKey(role, folded);
  return wanted.has(key) || frozen.has(key);
}
