import type { Steps } from '../access/breather.ts';
import type { Finding } from '../access/finding.ts';
import { hasSigma } from '../access/fold.ts';
import { filteredInSteps, flatInSteps, inSteps, sortedInSteps } from '../access/inSteps.ts';
import { type LeaverStepKind, type PersonState, TAKEN_AGAIN } from '../access/ports/controller.ts';
import { roleKey } from '../access/role.ts';
import type { Debt } from './debt.ts';
import { leaverFinding } from './findings.ts';
import { entriesIn, entryKey, type Scene } from './scene.ts';
import { type Entry, type LeaverStep, stepKey } from './step.ts';
import type { Targets } from './targets.ts';

export interface LeaverPlan {
  /** Of those who left, and of ids that somebody else has now. */
  readonly first: readonly LeaverStep[];
  /** Of ids given up by a rename, and of people without any grant. */
  readonly last: readonly LeaverStep[];
  /** Folded ids whose entries are removed by these steps. */
  readonly handled: ReadonlySet<string>;
  /** Entries (`entryKey`) that fall at ids that somebody else has now. */
  readonly falling: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** The steps owed by debts, and by entries that stand again at the id of somebody who left (semantics §2). */
export function* leaverSteps(scene: Scene, targets: Targets): Steps<LeaverPlan> {
  const first: LeaverStep[] = [];
  const last: LeaverStep[] = [];
  const handled = new Set<string>();
  const fallen = new Set<string>();
  const findings: Finding[] = [];
  const standing = yield* entriesById(scene);
  const debts = yield* debtsOf(scene);
  const held = yield* heldByHeirs(scene, debts);
  yield* inSteps(debts, (debt) => {
    if (scene.protection.user(debt.id)) {
      findings.push(
        leaverFinding('leaver.protected', debt, `${debt.id} left and is protected: nothing is taken away.`),
      );
      return;
    }
    if (debt.cause === 'unentitled') {
      last.push(...unentitledSteps(scene, targets, debt));
      return;
    }
    const { state, person } = scene.input.identities.owners.get(debt.foldedId) ?? {};
    const taken = state === 'current';
    const entries = standing.get(debt.foldedId) ?? [];
    const left = taken ? entries.filter((entry) => isLeftBehind(scene, debt, entry, held.get(person!))) : entries;
    const steps = stepsOf(scene, debt, taken, left);
    if (!taken) handled.add(debt.foldedId);
    else for (const { role, principal } of left) fallen.add(entryKey(role, principal));
    (debt.cause === 'leaver' || taken ? first : last).push(...steps);
    if ((standing.get(debt.foldedId) ?? []).some(({ role }) => scene.protection.role(role)))
      findings.push(leaverFinding('leaver.protected-role', debt, `${debt.id} left and stays in a protected role.`));
  });
  yield* inSteps(yield* returned(scene, handled), (again) => {
    const entries = standing.get(again.foldedId) ?? [];
    const step = removal(scene, again, entries);
    if (step === undefined) return;
    handled.add(again.foldedId);
    (again.cause === 'leaver' ? first : last).push(step);
  });
  const seen = new Set<string>();
  // Of everybody who owes at an id: each is judged alone, and what holds one of them must not pay for another.
  const once = (step: LeaverStep): boolean => seen.size < seen.add(`${stepKey(step)}\u0000${step.person}`).size;
  const [firstOnce, lastOnce] = [yield* filteredInSteps(first, once), yield* filteredInSteps(last, once)];
  return { first: firstOnce, last: lastOnce, handled, falling: fallen, findings };
}

/** Stored debts and those that follow from the claims, each once, in scope, by id. */
function* debtsOf(scene: Scene): Steps<Debt[]> {
  const { debts, identities } = scene.input;
  const known = new Map<string, Debt>();
  yield* inSteps(debts, (debt) => {
    known.set(`${debt.person}\u0000${debt.foldedId}\u0000${debt.cause}`, debt);
  });
  yield* inSteps(identities.owed, (owed) => {
    const key = `${owed.person}\u0000${owed.foldedId}\u0000`;
    if (!known.has(`${key}leaver`) && !known.has(`${key}old-id`))
      known.set(`${key}${owed.cause}`, { ...owed, done: [] });
  });
  const found = yield* filteredInSteps(known.values(), ({ person }) => scene.inScope(person));
  return yield* sortedInSteps(
    found,
    (a, b) => compare(a.foldedId, b.foldedId) || compare(a.person, b.person) || compare(a.cause, b.cause),
  );
}

/** Claims of those who left or are called otherwise and owe nothing more: what stands there again falls again. */
function* returned(scene: Scene, handled: ReadonlySet<string>): Steps<Debt[]> {
  const { owners } = scene.input.identities;
  const found = yield* flatInSteps(owners.values(), ({ state, person, connection, id, foldedId }): Debt[] => {
    if (state !== 'leaving' || handled.has(foldedId) || !scene.inScope(person) || scene.protection.user(id)) return [];
    const left = scene.input.standing.get(person) !== 'active';
    return [{ person, connection, id, foldedId, cause: left ? 'leaver' : 'old-id', done: [] }];
  });
  return yield* sortedInSteps(found, (a, b) => compare(a.foldedId, b.foldedId));
}

function stepsOf(scene: Scene, debt: Debt, taken: boolean, entries: readonly Entry[]): LeaverStep[] {
  const { leaver, observed } = scene.input;
  const unread = observed.unread !== undefined;
  const { state } = debt;
  const step = (kind: LeaverStepKind, owed: boolean): LeaverStep[] => (owed ? [stepOf(debt, kind)] : []);
  const undone = (kind: LeaverStepKind): boolean => !debt.done.includes(kind);
  const record = hasRecord(debt);
  const credentials = record
    ? [
        ...step('revoke-tokens', leaver.tokens === 'revoke' && (undone('revoke-tokens') || some(state?.tokens.length))),
        ...step('remove-ssh-keys', leaver.sshKeys === 'remove' && (undone('remove-ssh-keys') || some(state?.sshKeys))),
        ...step(
          'close-ssh-sessions',
          leaver.sshKeys === 'remove' && (undone('close-ssh-sessions') || some(state?.sshSessions)),
        ),
        ...step(
          'scramble-password',
          leaver.password === 'scramble' && undone('scramble-password') && state?.password !== false,
        ),
        ...step('end-sessions', leaver.sessions === 'end' && undone('end-sessions')),
      ]
    : [];
  const removed =
    removal(scene, debt, entries, taken) ?? (undone('remove-entries') ? sweep(scene, debt, entries) : undefined);
  const again = TAKEN_AGAIN.filter((kind) =>
    kind === 'revoke-tokens' ? leaver.tokens === 'revoke' : leaver.sshKeys === 'remove',
  );
  const secondCut = record && again.length > 0 && (credentials.length > 0 || undone('second-cut'));
  return [
    ...credentials,
    ...(removed === undefined || (taken && entries.length === 0 && !unread) ? [] : [removed]),
    ...step(
      'delete-record',
      record && !taken && leaver.record === 'delete' && (undone('delete-record') || isThere(state)),
    ),
    ...step('second-cut', secondCut).map((cut) => (again.length === TAKEN_AGAIN.length ? cut : { ...cut, again })),
  ];
}

function unentitledSteps(scene: Scene, targets: Targets, debt: Debt): LeaverStep[] {
  const { leaver, now, standing, identities } = scene.input;
  if (targets.entitled.has(debt.person) || standing.get(debt.person) !== 'active') return [];
  if (identities.owners.get(debt.foldedId)?.person !== debt.person) return [];
  if (debt.state !== undefined && debt.state.record === undefined) return [];
  const undone = (kind: LeaverStepKind): boolean => !debt.done.includes(kind);
  const due = debt.due !== undefined && now >= debt.due;
  return [
    ...(leaver.tokens === 'revoke' && due && undone('revoke-tokens') ? [stepOf(debt, 'revoke-tokens')] : []),
    ...(leaver.sessions === 'end' && undone('end-sessions') ? [stepOf(debt, 'end-sessions')] : []),
  ];
}

/**
 * The removal of what stands at an id and may fall; undefined where that is nothing.
 * @param only whether something else may stand there and stays
 */
function removal(scene: Scene, debt: Debt, entries: readonly Entry[], only = false): LeaverStep | undefined {
  const managed = scene.input.leaver.grants === 'managed';
  const falling = entries.filter(
    ({ role, principal }) =>
      !scene.protection.role(role) && (!managed || scene.ownedEntries.has(entryKey(role, principal))),
  );
  if (falling.length === 0) return undefined;
  return {
    ...stepOf(debt, 'remove-entries'),
    administrative: falling.some(({ role }) => {
      const permissions = scene.observed.get(roleKey(role))?.permissions ?? [];
      return scene.authority.administrative(permissions);
    }),
    entries: falling.toSorted((a, b) => compare(entryKey(a.role, a.principal), entryKey(b.role, b.principal))),
    ...(only || managed || falling.length < entries.length || falling.some((entry) => mayDiffer(entry, debt))
      ? { exactly: true }
      : {}),
  };
}

/** Jenkins may tell an id from what folds like it here, by a sigma or another letter with the same capital: what was found at it falls. */
function mayDiffer({ principal }: Entry, { id }: Pick<Debt, 'id'>): boolean {
  const spelled = principal.id.toLowerCase();
  return hasSigma(spelled) || spelled !== id.toLowerCase();
}

/**
 * Where nothing that may fall was read: whatever came since, of somebody with a record who may keep nothing; and what a cut before took
 * and could not save, which is owed until a save takes it along. Where roles cannot be read, whatever stands there.
 */
function sweep({ input }: Scene, debt: Debt, entries: readonly Entry[]): LeaverStep | undefined {
  const step: LeaverStep = { ...stepOf(debt, 'remove-entries'), entries: [] };
  const all = input.leaver.grants === 'all' && entries.length === 0;
  if (debt.tried?.includes('remove-entries') === true || input.observed.unread !== undefined)
    return all ? step : { ...step, exactly: true };
  return all && hasRecord(debt) ? step : undefined;
}

/** Roles (`roleKey`) in which an entry of ours stands that was made for somebody who has an id by now that another one owes at, by person. */
function* heldByHeirs({ input }: Scene, debts: readonly Debt[]): Steps<Map<string, Set<string>>> {
  const { owners } = input.identities;
  const found = new Map<string, Set<string>>();
  yield* inSteps(debts, ({ foldedId }) => {
    const owner = owners.get(foldedId);
    if (owner?.state === 'current') found.set(owner.person, new Set());
  });
  if (found.size === 0) return found;
  yield* inSteps(input.ownership.entries, ({ role, person, present }) => {
    if (person !== undefined && present !== false) found.get(person)?.add(roleKey(role));
  });
  return found;
}

/**
 * Whether an entry at an id that somebody else has now was made for who gave it up, by us or, where it may fall, by hand, and gives the
 * new one what they had nowhere: it falls with the id, and what the new one is to have there is a gain like any other. What both have goes
 * on.
 */
function isLeftBehind(
  scene: Scene,
  { person, cause }: Debt,
  { role, principal }: Entry,
  held: ReadonlySet<string> | undefined,
): boolean {
  if (cause !== 'old-id' || scene.protection.role(role)) return false;
  const ours = scene.ownedEntries.get(entryKey(role, principal));
  const theirs = ours === undefined ? scene.input.leaver.grants === 'all' : ours.person === person;
  return theirs && held?.has(roleKey(role)) !== true;
}

/** Whether there is a user record, as far as is known. */
function hasRecord({ state }: Debt): boolean {
  return state === undefined || state.record !== undefined;
}

/** USER and EITHER entries at ids that somebody leaves, by folded id. */
function* entriesById(scene: Scene): Steps<Map<string, Entry[]>> {
  const { debts, identities, observed } = scene.input;
  const looked = new Set<string>();
  for (const owed of [debts, identities.owed])
    yield* inSteps<Pick<Debt, 'foldedId'>>(owed, ({ foldedId }) => {
      looked.add(foldedId);
    });
  yield* inSteps(identities.owners.values(), ({ state, foldedId }) => {
    if (state === 'leaving') looked.add(foldedId);
  });
  const found = new Map<string, Entry[]>();
  if (looked.size === 0) return found;
  yield* inSteps(entriesIn(observed.roles), ([{ type, name }, principal]) => {
    if (principal.type === 'group') return;
    const folded = scene.fold({ type: 'user', id: principal.id });
    if (looked.has(folded)) found.set(folded, [...(found.get(folded) ?? []), { role: { type, name }, principal }]);
  });
  return found;
}

function stepOf({ cause, person, id }: Debt, kind: LeaverStepKind): LeaverStep {
  return { kind, principal: { type: 'user', id }, person, cause, reasons: [] };
}

function some(count: number | undefined): boolean {
  return count !== undefined && count > 0;
}

function isThere(state: PersonState | undefined): boolean {
  return state?.record !== undefined;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
