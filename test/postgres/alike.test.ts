import { test } from 'node:test';
import fc from 'fast-check';
import { postgresMissing } from './database.ts';
import { Pair } from './said/pair.ts';
import { CATALOGUE } from './said/resources.ts';
import { said } from './said/said.ts';

/** Requests of a run; `ALIKE_REQUESTS` and `ALIKE_SEED` go further. */
const REQUESTS = Number(process.env.ALIKE_REQUESTS ?? 600);
const SEED = Number(process.env.ALIKE_SEED ?? 20_261_128);

test('postgres: the same requests get the same answers, letter by letter, and leave the same rows as on SQLite', {
  skip: postgresMissing ?? false,
}, async (t) => {
  const pair = await Pair.open(t, CATALOGUE);
  const shots = fc.sample(said, { seed: SEED, numRuns: REQUESTS });
  for (const [number, shot] of shots.entries()) {
    await pair.send(shot);
    if (number % 20 === 19) await pair.alike(`after ${number + 1} requests of seed ${SEED}`);
  }
  t.diagnostic(JSON.stringify([...pair.statuses]));
});
