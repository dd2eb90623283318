import type { z } from 'zod';
import type { LeaverStepKind } from '../../access/ports/controller.ts';
import type { cut } from '../../jenkins/scripts/cut.ts';
import { fromWord } from '../../jenkins/strategies/role-strategy/entry.ts';
import { type Home, ROLE_STRATEGY, SaveFailed } from '../state/home.ts';
import { entryKey } from '../state/strategy.ts';
import { lowFence } from './fence.ts';
import { personNow } from './person.ts';
import { TAKES, type Taking, takeAgain } from './taking.ts';

type Order = z.output<typeof cut.parameters>;
type Result = z.output<typeof cut.result>;
type Step = (Result & { outcome: 'done' })['results'][number]['steps'][number];

interface Leaving {
  readonly order: Order['orders'][number];
  readonly self: boolean;
  readonly steps: Step[];
}

const PERSONAL = Object.keys(TAKES) as Taking[];

/** The leaver steps in the order of semantics §2 for each; the account that asks is never touched. */
export function cutPeople(
  around: { readonly home: Home; readonly caller: string; readonly now: number },
  order: Order,
): Result {
  const { home, caller, now } = around;
  const low = lowFence(home, order);
  if (low !== undefined) return { outcome: 'fenced', reason: low };
  const people = order.orders.map(
    (one): Leaving => ({ order: one, self: home.folded(one.id) === home.folded(caller), steps: [] }),
  );
  for (const person of people)
    for (const kind of personal(home, person)) note(person, kind, now, TAKES[kind](home, person.order.id));
  const saves = cutEntries(home, people, now);
  for (const person of people)
    if (asked(person, 'second-cut'))
      note(person, 'second-cut', now, takeAgain(home, person.order.id, person.order.again));
  for (const person of people)
    if (asked(person, 'delete-record')) note(person, 'delete-record', now, remove(home, person.order.id));
  const results = people.map((person) => told(home, person));
  return { outcome: 'done', results, rest: [], saves, remoteTriggers: remoteTriggers(home, order.shownTriggers) };
}

function remoteTriggers(home: Home, shown: number): (Result & { outcome: 'done' })['remoteTriggers'] {
  const jobs = home.jobs.all().filter(({ remoteToken }) => remoteToken !== undefined);
  return { count: jobs.length, jobs: jobs.slice(0, shown).map(({ fullName }) => fullName), whole: true };
}

function told(home: Home, person: Leaving) {
  const { id } = person.order;
  const seeds = asked(person, 'end-sessions') && !home.userSeeds;
  return {
    id,
    steps: person.steps,
    missing: seeds ? (['end-sessions'] as LeaverStepKind[]) : [],
    after: personNow(home, id),
    error: person.self ? 'this is the account of the service' : null,
  };
}

function personal(home: Home, person: Leaving): Taking[] {
  return PERSONAL.filter((kind) => asked(person, kind) && (kind !== 'end-sessions' || home.userSeeds));
}

function asked(person: Leaving, kind: LeaverStepKind): boolean {
  return !person.self && person.order.steps.includes(kind);
}

function note(person: Leaving, kind: LeaverStepKind, at: number, count: number): void {
  person.steps.push({ kind, at, done: true, count, reason: null });
}

/** One save for all of them, and none where nothing was there and nothing waits for one. */
function cutEntries(home: Home, people: readonly Leaving[], now: number): number {
  let removed = 0;
  const owing = people.filter((one) => asked(one, 'remove-entries'));
  for (const person of owing) {
    if (home.strategyClass !== ROLE_STRATEGY) {
      const reason = `java.lang.IllegalStateException: the authorization strategy is ${home.strategyClass}`;
      person.steps.push({ kind: 'remove-entries', at: now, done: false, count: null, reason });
      continue;
    }
    const count = removeEntries(home, person.order);
    note(person, 'remove-entries', now, count);
    removed += count;
  }
  if (owing.length === 0 || (removed === 0 && !home.unsaved)) return 0;
  home.unsaved = true;
  try {
    home.save();
    return 1;
  } catch (error) {
    if (!(error instanceof SaveFailed)) throw error;
    for (const { steps } of owing) undo(steps, `not saved: ${error.message}`);
    return 0;
  }
}

function undo(steps: Step[], reason: string): void {
  for (const [at, step] of steps.entries())
    if (step.kind === 'remove-entries') steps[at] = { ...step, done: false, reason };
}

function removeEntries(home: Home, order: Order['orders'][number]): number {
  let count = 0;
  for (const line of order.entries ?? personNow(home, order.id).entries) {
    const key = { type: line.type, name: line.role };
    const principal = fromWord(line.entry);
    if (home.strategy.role(key)?.entries.has(entryKey(principal)) !== true) continue;
    home.strategy.unassign(key, principal);
    count++;
  }
  return count;
}

function remove(home: Home, id: string): number {
  if (home.people.get(id) === undefined) return 0;
  home.people.delete(id);
  home.people.need(id);
  return 1;
}
