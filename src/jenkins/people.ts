import type { CutOutcome, LeaverOrder, LeaverResult, PersonState, RemoteTriggers } from '../access/ports/controller.ts';
import { ScimError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { fitting } from './fitting.ts';
import { refusal } from './refusal.ts';
import { cut } from './scripts/cut.ts';
import { inventory } from './scripts/inventory.ts';
import { people } from './scripts/people.ts';
import type { PersonReply } from './scripts/person.ts';
import { fromWord, toWord } from './strategies/role-strategy/entry.ts';

/** Milliseconds of work in one script. */
const BUDGET = 500;
const PEOPLE = 1000;
const PAGE = 1000;
/** Most people of an inventory; a page counts as this many at least, so that there is an end of short ones, too: after 8,000. */
const MOST = { people: 2_000_000, page: 250 } as const;
const ORDERS = 100;
/** Remote triggers: milliseconds to look for them, and how many are named. */
const TRIGGERS = { triggerBudget: 250, shownTriggers: 10 } as const;

/** State of people by exact id, in the order asked. @throws ScimError JEN_* */
export async function readPeople(connection: Connection, ids: readonly string[]): Promise<readonly PersonState[]> {
  const states: PersonState[] = [];
  let left = [...ids];
  while (left.length > 0) {
    const asked = left.slice(0, fitting(left, PEOPLE));
    const { result } = await connection.read(people, { ids: asked, budget: BUDGET });
    const done = asked.length - result.rest.length;
    if (done < 1 || result.people.length !== done || result.people.some((one, at) => one.id !== asked[at]))
      throw odd(connection, 'other people than those asked for');
    states.push(...result.people.map(toState));
    left = left.slice(done);
  }
  return states;
}

interface Page {
  readonly result: { readonly people: readonly PersonReply[]; readonly next: string | null };
}

/** Everybody with a saved record. @throws ScimError JEN_*; JEN_ANSWER also where there is no end of pages, or one is none of our script's */
export async function readInventory(connection: Connection): Promise<readonly PersonState[]> {
  const states: PersonState[] = [];
  let after: string | null = null;
  for (let told = 0; told < MOST.people; ) {
    const page: Page = await connection.read(inventory, { after, limit: PAGE, budget: BUDGET });
    const { people, next } = page.result;
    const inOrder = people.every(({ id }, at) => id > (people[at - 1]?.id ?? after ?? ''));
    if (people.length > PAGE || !inOrder || (next !== null && next !== people.at(-1)?.id))
      throw odd(connection, 'a page that does not go on');
    states.push(...people.map(toState));
    if (next === null) return states;
    after = next;
    told += Math.max(people.length, MOST.page);
  }
  throw odd(connection, 'more people than there can be');
}

/** Runs the steps for each. @throws ScimError JEN_* where nothing can have been done */
export async function cutPeople(
  connection: Connection,
  lineage: string,
  fence: number,
  orders: readonly LeaverOrder[],
): Promise<CutOutcome> {
  const results: LeaverResult[] = [];
  if (orders.length === 0) return { outcome: 'done', results };
  const before = await connection.identify();
  let remoteTriggers: RemoteTriggers | undefined;
  const known = () => ({ results, ...(remoteTriggers === undefined ? {} : { remoteTriggers }) });
  const unknown = (reason: string): CutOutcome => ({ outcome: 'unknown', ...known(), reason });
  let left = orders.map(toOrder);
  while (left.length > 0) {
    const asked = left.slice(0, fitting(left, ORDERS));
    const order = { fence, lineage, orders: asked, budget: BUDGET, ...TRIGGERS };
    const heard = await connection.run(cut, order);
    if (heard.kind === 'unclear') return unknown(connection.error(heard.complaint).message);
    if (heard.kind === 'threw') {
      if (heard.touched || results.length > 0) return unknown(heard.error);
      throw connection.error({ code: 'JEN_SCRIPT', details: { script: cut.name, reason: heard.error } });
    }
    if (heard.kind === 'not-run') {
      if (results.length > 0) return unknown(connection.error(heard.complaint).message);
      throw await refusal(connection, heard);
    }
    const { result } = heard;
    if (result.outcome === 'fenced') return { outcome: 'fenced', ...known(), reason: result.reason };
    if (before.session !== undefined && heard.session !== before.session) return unknown('it was restarted meanwhile');
    const done = asked.length - result.rest.length;
    if (done < 1 || result.results.length !== done || result.results.some((one, at) => one.id !== asked[at]?.id))
      return unknown('it tells of other people than those it was sent');
    results.push(...result.results.map((one) => toResult(one, heard.ahead)));
    remoteTriggers = result.remoteTriggers;
    left = left.slice(done);
  }
  try {
    const after = await connection.identify();
    if (after.session !== undefined && before.session !== undefined && after.session !== before.session)
      return unknown('it was restarted meanwhile');
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    return unknown(`who we are could not be proven afterwards: ${error.message}`);
  }
  return { outcome: 'done', ...known() };
}

type Reported = ReturnType<typeof cut.result.parse> & { outcome: 'done' };

/** Instants are told by our clock, as everything else on a certificate is. */
function toResult(told: Reported['results'][number], ahead: number): LeaverResult {
  const steps = told.steps.map(({ kind, at, done, count, reason }) => ({
    kind,
    at: at - ahead,
    done,
    ...(count === null ? {} : { count }),
    ...(reason === null ? {} : { reason }),
  }));
  const result = { id: told.id, steps, missing: told.missing, after: toState(told.after) };
  return Object.freeze(told.error === null ? result : { ...result, error: told.error });
}

function toOrder(order: LeaverOrder): LetterOrder {
  const entries =
    order.entries === 'all'
      ? null
      : order.entries.map(({ role, principal }) => ({ type: role.type, role: role.name, entry: toWord(principal) }));
  return {
    id: order.id,
    steps: [...order.steps],
    entries,
    ...(order.again === undefined ? {} : { again: [...order.again] }),
  };
}

type LetterOrder = ReturnType<typeof cut.parameters.parse>['orders'][number];

/** What a script tells of somebody, as the port shows it. */
function toState(told: PersonReply): PersonState {
  const { record, tokens, signedIn, marks, entries, error, ...rest } = told;
  const shape = {
    ...rest,
    tokens: tokens.map(({ lastUse, ...token }) => (lastUse === null ? token : { ...token, lastUse })),
    entries: entries.map(({ type, role, entry }) => ({ type, role, principal: fromWord(entry) })),
  };
  const known = {
    ...(record === null ? {} : { record }),
    ...(signedIn ? { signedIn } : {}),
    ...(marks === null ? {} : { marks }),
  };
  return Object.freeze({ ...shape, ...known, ...(error === null ? {} : { error }) });
}

function odd(connection: Connection, what: string): ScimError {
  return connection.error({ code: 'JEN_ANSWER', details: { reason: `the script tells of ${what}` } });
}
