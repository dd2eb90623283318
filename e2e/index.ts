import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock, systemRandom } from '../src/cli/edge.ts';
import { type Outcome, runCase } from './case.ts';
import { CASES } from './cases/all.ts';
import type { Stage } from './stage.ts';
import { practiceStage } from './stages/practice.ts';
import { realStage } from './stages/real.ts';
import { table } from './table.ts';

const USAGE = `npm run e2e                                                     over the practice controller
npm run e2e -- --jenkins URL --user U --token-file F            over a real one, whose account U may administer
  --no-restart    leaves the restart out
  --only TEXT     only cases whose name contains TEXT
`;

const OPTIONS = {
  jenkins: { type: 'string' },
  user: { type: 'string' },
  'token-file': { type: 'string' },
  'no-restart': { type: 'boolean', default: false },
  only: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

const values = read();
if (values === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 64;
} else if (values.help === true) process.stdout.write(USAGE);
else
  process.exitCode = await main(values).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  });

/** Undefined where the command line is wrong. */
function read(): Values | undefined {
  try {
    const { values: found } = parseArgs({ options: OPTIONS });
    const real = [found.jenkins, found.user, found['token-file']].filter((value) => value !== undefined);
    return real.length === 0 || real.length === 3 ? found : undefined;
  } catch {
    return undefined;
  }
}

async function main(options: Values): Promise<number> {
  const run = Buffer.from(systemRandom.bytes(3)).toString('hex');
  const stage = await openStage(options, `e2e-${run}`);
  process.stdout.write(`${stage.name}, as ${stage.user}; all names begin with e2e-${run}-\n\n`);
  let fence = 0;
  const scene = { stage, prefix: `e2e-${run}-`, fence: () => ++fence };
  const outcomes: Outcome[] = [];
  try {
    for (const one of CASES.filter(({ name }) => name.includes(options.only ?? ''))) {
      if (process.stderr.isTTY) process.stderr.write(`${one.name}\n`);
      const skipped = one.restarts === true && options['no-restart'];
      outcomes.push(
        skipped
          ? { name: one.name, result: 'skipped', milliseconds: 0, remark: 'NOT TRIED: --no-restart' }
          : await runCase(one, scene, () => systemClock.monotonic()),
      );
    }
  } finally {
    await stage.close();
  }
  const failed = outcomes.filter(({ result }) => result === 'FAILED').length;
  const skipped = outcomes.filter(({ result }) => result === 'skipped').length;
  const sum = `${outcomes.length} cases, ${failed} failed, ${skipped} skipped`;
  process.stdout.write(`${table(outcomes)}\n\n${sum}\n`);
  return failed === 0 && outcomes.length > 0 ? 0 : 1;
}

async function openStage({ jenkins, user, 'token-file': file }: Values, lineage: string): Promise<Stage> {
  if (jenkins === undefined || user === undefined || file === undefined) return practiceStage(lineage);
  return realStage(jenkins, user, readFileSync(file, 'utf8').trim(), lineage);
}
