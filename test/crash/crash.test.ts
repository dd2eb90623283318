import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/cli/edge.ts';
import { seededRandom } from '../sim/time.ts';
import { type Case, casesOf, inTime, SCENARIOS, tried } from './faults.ts';

// CRASH_SECONDS, CRASH_SEED: for how long, and in which order; the same one each time. CRASH_WHOLE=1: all of them; CRASH_SCENARIO: of one.
const SECONDS = Number(process.env.CRASH_SECONDS ?? 15);
const SEED = Number(process.env.CRASH_SEED ?? 1);
const WHOLE = process.env.CRASH_WHOLE === '1';
const ONLY = process.env.CRASH_SCENARIO;

test('whichever call fails, in whichever way, everything becomes as where none does: nothing is lost, left or told twice', (t) =>
  eachOf(t, { seconds: (SECONDS * 2) / 3, some: 3, cases: casesOf, run: tried }));

test('whichever call fails, in whichever way, what is promised by the clock comes by then', (t) =>
  eachOf(t, { seconds: SECONDS / 3, some: 2, cases: (scenario) => casesOf(scenario, true), run: inTime }));

interface Trying {
  readonly seconds: number;
  /** Of each scenario, where there is no time for all. */
  readonly some: number;
  readonly cases: (scenario: Case['scenario']) => Promise<Case[]>;
  readonly run: (one: Case) => Promise<void>;
}

async function eachOf(t: TestContext, { seconds, some, cases, run }: Trying): Promise<void> {
  const bytes = seededRandom(SEED);
  const until = systemClock.monotonic() + seconds * 1_000;
  const goesOn = (): boolean => WHOLE || systemClock.monotonic() < until;
  const waiting = shuffled(SCENARIOS.filter(({ name }) => ONLY === undefined || name === ONLY));
  let count = 0;
  const failures: string[] = [];
  function shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((item) => ({ item, at: Buffer.from(bytes.bytes(4)).readUInt32LE() }))
      .sort((one, other) => one.at - other.at)
      .map(({ item }) => item);
  }
  for (const scenario of waiting) {
    if (!goesOn()) break;
    const all = shuffled(await cases(scenario));
    for (const one of WHOLE ? all : all.slice(0, some)) {
      if (!goesOn()) break;
      count++;
      await run(one).catch((error: Error) => {
        failures.push(`${scenario.name} ${JSON.stringify(one.fault)}\n${error.message}`);
      });
    }
  }
  t.diagnostic(`${count} calls went wrong, in the order of CRASH_SEED=${SEED}`);
  if (failures.length > 0) throw new Error(failures.join('\n\n'));
}
