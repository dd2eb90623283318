// Sends hostile requests to the real service over the real database, on all cores. `npm run fuzz`; FUZZ_CASES (100,000) and FUZZ_SEED.
import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { campaign } from '../test/fuzz/campaign.ts';

const cases = number('FUZZ_CASES', 100_000);
const seed = number('FUZZ_SEED', randomInt(2 ** 30));

interface Report {
  readonly cases: number;
  readonly seed: number;
  readonly slowest: number;
  readonly statuses: readonly (readonly [number, number])[];
}

if (process.env.FUZZ_PART !== undefined) await part();
else await whole();

async function part(): Promise<void> {
  const outcome = await campaign(
    cases,
    seed,
    () => performance.now(),
    (sent) => process.send?.({ sent }),
  );
  process.send?.({ ...outcome, statuses: [...outcome.statuses] } satisfies Report);
  process.disconnect?.();
}

async function whole(): Promise<void> {
  const cores = availableParallelism();
  say(`${cases} cases on ${cores} cores. Again the same: FUZZ_CASES=${cases} FUZZ_SEED=${seed} npm run fuzz`);
  const start = performance.now();
  const reports = await Promise.all(
    // Far apart: each round of a part takes the next seed.
    Array.from({ length: cores }, (_, index) => child(Math.ceil(cases / cores), seed + index * 1_000_000)),
  );
  const seconds = (performance.now() - start) / 1000;
  const statuses = new Map<number, number>();
  for (const report of reports)
    for (const [status, count] of report.statuses) statuses.set(status, (statuses.get(status) ?? 0) + count);
  const total = reports.reduce((sum, report) => sum + report.cases, 0);
  const slowest = Math.max(...reports.map((report) => report.slowest));
  say(
    `${total} cases in ${seconds.toFixed(1)} s (${Math.round(total / seconds)}/s), slowest volley ${Math.round(slowest)} ms`,
  );
  say(
    [...statuses]
      .toSorted(([a], [b]) => a - b)
      .map(([status, count]) => `${status}: ${count}`)
      .join('  '),
  );
  say(`${total} passed, 0 failed`);
}

function child(share: number, from: number): Promise<Report> {
  return new Promise((resolve, reject) => {
    const process_ = fork(process.argv[1]!, {
      env: { ...process.env, FUZZ_PART: '1', FUZZ_CASES: String(share), FUZZ_SEED: String(from) },
    });
    let report: Report | undefined;
    process_.on('message', (message: Report | { sent: number }) => {
      if ('sent' in message) say(`  seed ${from}: ${message.sent}`);
      else report = message;
    });
    process_.once('exit', (code) => {
      if (code === 0 && report !== undefined) return resolve(report);
      say('0 passed, 1 failed');
      reject(new Error(`the part with seed ${from} ended with ${code}`));
    });
  });
}

function number(name: string, otherwise: number): number {
  const found = Number(process.env[name] ?? otherwise);
  if (!Number.isSafeInteger(found) || found < 0) throw new Error(`${name} is a whole number`);
  return found;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
