import { test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../src/cli/edge.ts';
import { type Failure, shrunk } from './shrunk.ts';
import type { Step } from './step.ts';
import { steps } from './steps.ts';
import { walk } from './walk.ts';

// CHAOS_SEED and CHAOS_SECONDS: from where, and for how long; one walk for each seed. The same ones each time unless others are asked for.
const FIRST = Number(process.env.CHAOS_SEED ?? 20_000);
const SECONDS = Number(process.env.CHAOS_SECONDS ?? 15);
if (![FIRST, SECONDS].every(Number.isSafeInteger)) throw new Error('CHAOS_SEED and CHAOS_SECONDS are whole numbers');
const SHRINKING_MS = 60_000;

async function walked(list: readonly Step[]): Promise<Failure | undefined> {
  const after: (() => unknown)[] = [];
  const did: string[] = [];
  try {
    await walk({ after: (run) => void after.unshift(run) }, list, (line) => void did.push(line));
    return undefined;
  } catch (error) {
    return { steps: list, error: error as Error, did };
  } finally {
    for (const run of after) await run();
  }
}

test('whatever people, groups, policies, hands and failures do, controllers hold what the design says, and everything tells of it', async (t) => {
  const end = systemClock.monotonic() + SECONDS * 1_000;
  let seed = FIRST;
  for (; seed === FIRST || systemClock.monotonic() < end; seed++) {
    const [list] = fc.sample(steps, { seed, numRuns: 1 });
    const failure = await walked(list!);
    if (failure === undefined) continue;
    const until = systemClock.monotonic() + SHRINKING_MS;
    const { did, error, steps: least } = await shrunk(failure, walked, () => systemClock.monotonic() < until);
    throw new Error(`CHAOS_SEED=${seed}\n${did.join('\n')}\n${error.message}\n${JSON.stringify(least)}`, {
      cause: error,
    });
  }
  t.diagnostic(`${seed - FIRST} walks from CHAOS_SEED=${FIRST}`);
});
