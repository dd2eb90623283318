import { test } from 'node:test';
import { casesOf, SCENARIOS, tried } from '../crash/faults.ts';
import { seededRandom } from '../sim/time.ts';
import { openOn } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);

// A few calls of `test/crash` that go wrong, the same ones each time; more of them: CRASH_SEED and CRASH_CASES.
const SEED = Number(process.env.CRASH_SEED ?? 1);
const CASES = Number(process.env.CRASH_CASES ?? 2);

test('whichever call fails, in whichever way, everything becomes over PostgreSQL as where none does', {
  skip: postgresMissing ?? false,
}, async (t) => {
  const random = seededRandom(SEED);
  const one = <T>(list: readonly T[]): T => list[Buffer.from(random.bytes(4)).readUInt32LE() % list.length]!;
  const [first, other] = [one(SCENARIOS), one(SCENARIOS)];
  const failures: string[] = [];
  for (let count = 0; count < CASES; count++) {
    const chosen = one(await casesOf(count % 2 === 0 ? first : other));
    await tried(chosen).catch((error: Error) => {
      failures.push(`${chosen.scenario.name} ${JSON.stringify(chosen.fault)}\n${error.message}`);
    });
  }
  t.diagnostic(`of ${first.name} and ${other.name}, CRASH_SEED=${SEED}`);
  if (failures.length > 0) throw new Error(failures.join('\n\n'));
});
