import type { Steps } from '../../access/breather.ts';
import { filteredInSteps, inSteps } from '../../access/inSteps.ts';
import { foldId, type Principal } from '../../access/principal.ts';
import { roleKey } from '../../access/role.ts';
import { type Authority, authority } from '../administrative.ts';
import { stepDigest } from '../digest.ts';
import type { Held } from '../plan.ts';
import { type GrantStep, isLeaverStep, type LeaverStep, type Step } from '../step.ts';
import type { Ceiling } from './ceiling.ts';
import { type History, historyOf } from './history.ts';
import { foldHolders, type Holdings, holderOf, holdingsOf } from './holdings.ts';
import type { GuardInput } from './input.ts';

/** One judgement under way: rules look at what still goes, and hold. */
export interface Court {
  readonly input: GuardInput;
  readonly authority: Authority;
  readonly history: History;
  /** What everybody holds before the plan; made when first asked for, because most plans need not know. */
  before(): Holdings;
  /** The same, folded in steps where that was not done for another plan. */
  look(): Steps<Holdings>;
  /** Names whoever an entry means; see `holderOf`. */
  holder(principal: Principal): string;
  goes(step: Step): boolean;
  hold(step: Step, ceiling: Ceiling, reason: string): void;
  /** Released by an operator, or of an exempt person: past every ceiling. */
  approved(step: Step): boolean;
  /** An operator said no: it is not going to be done, and counts against nothing. */
  refused(step: Step): boolean;
  heldBy(step: Step): Held | undefined;
  /** Somebody who is called otherwise now gets what they have at the id that they give up: nobody gains by that. */
  moves(step: GrantStep): boolean;
  /** It cuts somebody off from an id that they give up now, or that waits for that; see `GuardInput.renamed`. */
  renames(step: Step): step is LeaverStep;
  /** How many steps are held so far. */
  held(): number;
  digest(step: Step): string;
}

export function* courtOf(input: GuardInput): Steps<Court> {
  const held = new Map<Step, Held>();
  const digests = new Map<Step, string>();
  const digest = (step: Step): string => {
    const known = digests.get(step);
    if (known !== undefined) return known;
    const made = stepDigest(step);
    digests.set(step, made);
    return made;
  };
  let before: Holdings | undefined;
  const approved = yield* decidedSteps(input, digest, input.released, input.exempt);
  const refused = yield* decidedSteps(input, digest, input.rejected ?? new Set());
  const { roles } = input.observed;
  const look = (): Holdings => {
    before ??= holdingsOf(roles, input.capabilities);
    return before;
  };
  return {
    input,
    authority: authority(input.capabilities.permissions),
    history: historyOf(input),
    before: look,
    *look() {
      if (before === undefined) yield* foldHolders(roles, input.capabilities);
      return look();
    },
    holder: (principal) => holderOf(principal, input.capabilities),
    goes: (step) => !held.has(step),
    hold: (step, ceiling, reason) => {
      if (!held.has(step)) held.set(step, { step, ceiling, reason });
    },
    approved: (step) => approved.has(step),
    refused: (step) => refused.has(step) && !approved.has(step) && !isAnother(input, step),
    heldBy: (step) => held.get(step),
    moves: yield* movesOf(input),
    renames: renamesIn(input),
    held: () => held.size,
    digest,
  };
}

function* movesOf({ plan: { steps } }: GuardInput): Steps<Court['moves']> {
  const had = new Map<string, Set<string>>();
  yield* inSteps(steps, (step) => {
    if (step.kind !== 'remove-entries' || step.cause !== 'old-id') return;
    const roles = had.get(step.person) ?? new Set();
    for (const { role } of step.entries ?? []) roles.add(roleKey(role));
    had.set(step.person, roles);
  });
  return ({ person, role }) => had.get(person ?? '')?.has(roleKey(role)) === true;
}

function renamesIn({ renamed = [], capabilities }: GuardInput): Court['renames'] {
  const given = new Set(renamed.map(({ person, foldedId }) => `${person} ${foldedId}`));
  return (step): step is LeaverStep =>
    step.cause === 'old-id' &&
    isLeaverStep(step) &&
    given.has(`${step.person} ${foldId(step.principal.id, capabilities.userIds)}`);
}

/**
 * What was said of these steps (`stepDigest`) and of these people, as it holds now: with all that it is said of (`wholeOf`), for what was
 * read since may have changed the steps.
 */
function* decidedSteps(
  { plan: { steps } }: GuardInput,
  digest: Court['digest'],
  keys: ReadonlySet<string>,
  whole: ReadonlySet<string> = new Set(),
): Steps<Set<Step>> {
  const named = keys.size === 0 ? [] : yield* filteredInSteps(steps, (step) => keys.has(digest(step)));
  const said = new Set([...whole, ...named.flatMap((step) => wholeOf(step) ?? [])]);
  if (said.size === 0) return new Set(named);
  const beside = yield* filteredInSteps(steps, (step) => said.has(wholeOf(step) ?? ''));
  return new Set([...named, ...beside]);
}

/** What is said of one such step is said of all of a person who left, or of all at one id that somebody gave up. */
export function wholeOf(step: Step): string | undefined {
  if (ofLeaver(step)) return step.person;
  return step.cause === 'old-id' && isLeaverStep(step) ? `${step.person} ${step.principal.id}` : undefined;
}

/**
 * Whether what was said of such a step, or what it waited for, is no word about this one: it was of somebody else, who left the same id;
 * or before an end that has come since, which waits for nobody (semantics §2).
 */
export function isAnother({ strangers }: GuardInput, step: Step): boolean {
  if (step.cause === 'expired') return true;
  return ofLeaver(step) && step.person !== undefined && strangers?.has(step.person) === true;
}

/** Whether the step takes something from somebody who left. */
export function ofLeaver(step: Step): boolean {
  return step.cause === 'leaver';
}

/** Steps of `leaver --now`. */
export function isExempt({ exempt }: GuardInput, step: Step): boolean {
  return ofLeaver(step) && step.person !== undefined && exempt.has(step.person);
}
