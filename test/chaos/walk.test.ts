import { test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../src/cli/edge.ts';
import { shrunk } from './shrunk.ts';
import { steps } from './steps.ts';
import { failed, walked } from './walked.ts';

// CHAOS_SEED, CHAOS_SECONDS, CHAOS_STEPS: from where, for how long, of how many steps at most; one walk for each seed. The same ones each time unless others are asked for.
const FIRST = Number(process.env.CHAOS_SEED ?? 20_000);
const SECONDS = Number(process.env.CHAOS_SECONDS ?? 15);
const STEPS = Number(process.env.CHAOS_STEPS ?? 40);
if (![FIRST, SECONDS, STEPS].every(Number.isSafeInteger))
  throw new Error('CHAOS_SEED, CHAOS_SECONDS and CHAOS_STEPS are whole numbers');
const SHRINKING_MS = 60_000;

test('whatever people, groups, policies, hands and failures do, controllers hold what the design says, and everything tells of it', async (t) => {
  const end = systemClock.monotonic() + SECONDS * 1_000;
  let seed = FIRST;
  for (; seed === FIRST || systemClock.monotonic() < end; seed++) {
    const [list] = fc.sample(steps(STEPS), { seed, numRuns: 1 });
    const failure = await walked(list!);
    if (failure === undefined) continue;
    const until = systemClock.monotonic() + SHRINKING_MS;
    throw failed(await shrunk(failure, walked, () => systemClock.monotonic() < until), seed);
  }
  t.diagnostic(`${seed - FIRST} walks from CHAOS_SEED=${FIRST}`);
});
