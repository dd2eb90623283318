import { test } from 'node:test';
import fc from 'fast-check';
import { steps } from '../chaos/steps.ts';
import { failed, walked } from '../chaos/walked.ts';
import { openOn } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);

// A few walks of `test/chaos`, the same ones each time; more of them: CHAOS_SEED and CHAOS_WALKS.
const FIRST = Number(process.env.CHAOS_SEED ?? 20_000);
const WALKS = Number(process.env.CHAOS_WALKS ?? 2);

for (let seed = FIRST; seed < FIRST + WALKS; seed++)
  test(`a walk through the whole service over PostgreSQL holds what the design says, CHAOS_SEED=${seed}`, {
    skip: postgresMissing ?? false,
  }, async () => {
    const [list] = fc.sample(steps(40), { seed, numRuns: 1 });
    const failure = await walked(list!);
    if (failure !== undefined) throw failed(failure, seed);
  });
