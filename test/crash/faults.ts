import { type Fault, HOWS, type How } from '../chaos/strike.ts';
import { type Crashed, crashed } from './crashed.ts';
import { difference } from './print.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** Of a call that is made often, these, and the last. */
const FIRST = 4;

/** Of who hears the provider; one part that failed is answered beside those that did not, and the provider is to ask for that alone. */
const FRONT = /^write write < /;
const UNANSWERED: readonly How[] = ['gone-before', 'gone-after'];

/** One call of a scenario that goes wrong in one way. */
export interface Case {
  readonly scenario: Scenario;
  readonly fault: Fault;
}

const undisturbed = new Map<Scenario, Promise<Crashed>>();

/** Once for each scenario. */
function without(scenario: Scenario): Promise<Crashed> {
  const known = undisturbed.get(scenario) ?? crashed(scenario);
  undisturbed.set(scenario, known);
  return known;
}

/** Each call of a scenario, in each of the ways. A process that stands still at a reading is one that stands still before what it does next. */
export async function casesOf(scenario: Scenario, timed = false): Promise<Case[]> {
  const { counts } = timed ? await crashed(scenario, undefined, timed) : await without(scenario);
  return [...counts].flatMap(([place, count]) => {
    const times = [...new Set([1, 2, 3, FIRST, count])].filter((at) => at <= count);
    const hows = scenario.inParts === true && FRONT.test(place) ? UNANSWERED : HOWS;
    return hows.flatMap((how) => times.map((at) => ({ scenario, fault: { place, at, how } })));
  });
}

/** @throws what is otherwise than where nothing goes wrong, or than it has to be */
export async function tried({ scenario, fault }: Case): Promise<void> {
  const { end, again, did } = await crashed(scenario, fault);
  if (again && scenario.inParts === true) return;
  const differs = difference((await without(scenario)).end, end);
  if (differs.length > 0) throw new Error(`${did.join('\n')}\n${differs.join('\n')}`);
}

/** @throws what has not come when it was promised */
export async function inTime({ scenario, fault }: Case): Promise<void> {
  await crashed(scenario, fault, true);
}

export { SCENARIOS };
