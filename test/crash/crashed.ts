import { each } from '../chaos/controllers.ts';
import { openHouse } from '../chaos/house.ts';
import { look } from '../chaos/look.ts';
import { FIRST, policyText } from '../chaos/policies.ts';
import type { Step } from '../chaos/step.ts';
import { type Fault, Strike } from '../chaos/strike.ts';
import { take } from '../chaos/walk.ts';
import { Walker } from '../chaos/walker.ts';
import { inTime } from './inTime.ts';
import { print } from './print.ts';
import { FOUNDING, type Scenario } from './scenarios.ts';

/** So that a pass takes several runs, and something can happen between them. */
const LARGEST_RUN = 2;

/** How a scenario went. */
export interface Crashed {
  /** How often each call was made. */
  readonly counts: ReadonlyMap<string, number>;
  readonly did: readonly string[];
  /** What there is in the end. @see print */
  readonly end: readonly string[];
  /** The provider had to ask again: what happened in between is seen by others, too. */
  readonly again: boolean;
}

/** Steps that wait until all is quiet, and let time leap for that. */
const WAITING: ReadonlySet<Step['do']> = new Set(['look', 'time', 'held', 'down', 'now', 'adopt', 'identity']);

/**
 * Takes a scenario while one call goes wrong; then all is as it has to be. @param timed what it does without waiting in between, and whether
 * everything comes when it is promised @throws what is otherwise
 */
export async function crashed(
  { before, steps, tight = false }: Scenario,
  fault?: Fault,
  timed = false,
): Promise<Crashed> {
  const after: (() => unknown)[] = [];
  const did: string[] = [];
  const say = (line: string): void => void did.push(line);
  const strike = new Strike(fault);
  const begun = {
    ceilings: tight ? 'tight' : 'loose',
    profiles: { okta: 'okta', entra: 'entra' },
    identities: each(() => 'userName' as const),
  } as const;
  try {
    const scope = { after: (run: () => unknown) => void after.unshift(run) };
    const house = await openHouse(scope, {
      ...begun,
      policy: policyText(FIRST, 0),
      say,
      strike,
      largestRun: LARGEST_RUN,
    });
    const walker = new Walker(house, say, begun);
    // One controller is enough, and nobody need look before all are there.
    for (const name of ['cd', 'ex'] as const) walker.out.set(name, 'never');
    house.setOut(new Set(walker.out.keys()));
    walker.dark = FOUNDING.length + 1;
    for (const step of FOUNDING) await take(walker, step);
    walker.dark = 0;
    house.spawn(1);
    await look(walker, true);
    for (const step of before) await take(walker, step);
    strike.stands = () => void house.spawn(2);
    strike.armed = true;
    for (const step of steps) {
      if (typeof step !== 'function') {
        if (!timed || !WAITING.has(step.do)) await take(walker, step);
      } else await step(walker);
    }
    if (timed) {
      await inTime(walker, strike);
      return { counts: strike.counts, did, end: [], again: strike.atFront };
    }
    await look(walker, true);
    strike.armed = false;
    const still = house.processes().filter(({ life }) => life.frozen);
    for (const { life } of still) life.thaw();
    if (still.length > 0) await look(walker, true);
    return { counts: strike.counts, did, end: await print(walker), again: strike.atFront };
  } catch (error) {
    throw new Error(`${did.join('\n')}\n${(error as Error).message}`, { cause: error });
  } finally {
    for (const run of after) await run();
  }
}
