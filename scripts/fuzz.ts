// Sends hostile requests to the real service over the real database, on all cores. `npm run fuzz`; FUZZ_CASES (100,000), FUZZ_SEED
// and FUZZ_SLICE (cases of one process). Each slice reports for itself, so that a run that is ended early still has its figure.
import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { campaign } from '../test/fuzz/campaign.ts';

const cases = number('FUZZ_CASES', 100_000);
const seed = number('FUZZ_SEED', randomInt(2 ** 30));
const cores = availableParallelism();
const slice = number('FUZZ_SLICE', Math.min(250_000, Math.ceil(cases / cores)));

/** A slice and its seed lie this far apart: each round of a slice takes the next seed. */
const SEEDS_OF_A_SLICE = 1_000;

interface Report {
  readonly cases: number;
  readonly seed: number;
  readonly slowest: number;
  readonly statuses: readonly (readonly [number, number])[];
}

if (process.env.FUZZ_PART !== undefined) await part();
else await whole();

async function part(): Promise<void> {
  const outcome = await campaign(cases, seed, () => performance.now());
  process.send?.({ ...outcome, statuses: [...outcome.statuses] } satisfies Report);
  process.disconnect?.();
}

async function whole(): Promise<void> {
  say(`${cases} cases on ${cores} cores. Again the same: FUZZ_CASES=${cases} FUZZ_SEED=${seed} FUZZ_SLICE=${slice}`);
  const start = performance.now();
  const statuses = new Map<number, number>();
  let total = 0;
  let slowest = 0;
  let failed = 0;
  const left = Array.from({ length: Math.ceil(cases / slice) }, (_, index) => ({
    share: Math.min(slice, cases - index * slice),
    from: seed + index * SEEDS_OF_A_SLICE,
  }));
  const seconds = (): number => (performance.now() - start) / 1000;
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const report = await child(next.share, next.from);
      if (report === undefined) failed += 1;
      total += report?.cases ?? 0;
      slowest = Math.max(slowest, report?.slowest ?? 0);
      for (const [status, count] of report?.statuses ?? []) statuses.set(status, (statuses.get(status) ?? 0) + count);
      say(`seed ${next.from}: ${told(report)}; so far ${total} in ${seconds().toFixed(0)} s, ${failed} slices failed`);
    }
  };
  await Promise.all(Array.from({ length: cores }, work));
  say(`${total} cases in ${seconds().toFixed(1)} s (${Math.round(total / seconds())}/s)`);
  say(`slowest volley ${Math.round(slowest)} ms`);
  say(counts([...statuses]));
  say(`${total} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

function child(share: number, from: number): Promise<Report | undefined> {
  return new Promise((resolve) => {
    const process_ = fork(process.argv[1]!, {
      // Most of a case is short-lived objects, and refusals whose stack nobody reads.
      execArgv: [...process.execArgv, '--max-semi-space-size=32', '--stack-trace-limit=0'],
      env: {
        ...process.env,
        FUZZ_PART: '1',
        FUZZ_CASES: String(share),
        FUZZ_SEED: String(from),
        TMPDIR: folder(),
      },
    });
    let report: Report | undefined;
    process_.on('message', (message: Report) => {
      report = message;
    });
    process_.once('exit', (code) => resolve(code === 0 ? report : undefined));
  });
}

/** Memory where there is some to write to: what is judged here is not the disk, and a sync of each commit is most of the time. */
function folder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

function told(report: Report | undefined): string {
  return report === undefined
    ? 'FAILED, see above'
    : `${report.cases} cases, slowest volley ${Math.round(report.slowest)} ms, ${counts(report.statuses)}`;
}

function counts(statuses: Report['statuses']): string {
  return statuses
    .toSorted(([a], [b]) => a - b)
    .map(([status, count]) => `${status}: ${count}`)
    .join('  ');
}

function number(name: string, otherwise: number): number {
  const found = Number(process.env[name] ?? otherwise);
  if (!Number.isSafeInteger(found) || found < 0) throw new Error(`${name} is a whole number`);
  return found;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
