import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Absent } from './absent.ts';
import type { Check, Suite } from './check.ts';
import { run, tail } from './run.ts';

const HERE = import.meta.dirname;
const CACHE = join(HERE, '..', '..', '.cache', 'conformance');
const REQUIREMENTS = join(HERE, 'requirements.txt');

/** scim2-tester: strict models of every message, and a PATCH of every attribute that /Schemas has. */
export const scim2Tester: Suite = {
  name: 'scim2-tester 0.5.2',
  profile: 'rfc',
  run: (url, token) => program('tester.py', url, token),
};

/** scim2-models: who is found by filters out of the grammar is who it would find among the people that we answer. */
export const scim2Models: Suite = {
  name: 'scim2-models 0.12.3, filters',
  profile: 'rfc',
  run: (url, token) => program('filters.py', url, token),
};

/** Runs a program of ours over their library; it prints a check a line. */
async function program(file: string, url: string, token: string): Promise<Check[]> {
  const { python } = await environment();
  const ended = await run(python, [join(HERE, file), url], { env: { SCIM_TOKEN: token } });
  if (ended.status !== 0) throw new Error(`${file} ended with ${ended.status}\n${tail(ended.error)}`);
  return ended.out
    .trim()
    .split('\n')
    .map((line) => testerCheck(JSON.parse(line) as TesterLine));
}

interface TesterLine {
  readonly status: string;
  readonly title: string;
  readonly resource: string;
  readonly reason: string;
}

function testerCheck({ status, title, resource, reason }: TesterLine): Check {
  const outcome = status === 'SKIPPED' ? 'skipped' : ['ERROR', 'CRITICAL'].includes(status) ? 'failed' : 'passed';
  return { name: `${title} ${resource}`.trim(), outcome, reason: outcome === 'passed' ? '' : reason };
}

/** scim-sanity: the life of a user and of a group, search, errors. */
export const scimSanity: Suite = {
  name: 'scim-sanity 0.7.4',
  profile: 'rfc',
  async run(url, token) {
    const { bin } = await environment();
    const words = ['probe', url, '--token', token, '--i-accept-side-effects', '--json-output'];
    const ended = await run(join(bin, 'scim-sanity'), words);
    // It ends with 1 where a check failed; the document says which.
    if (!ended.out.trimStart().startsWith('{'))
      throw new Error(`scim-sanity ended with ${ended.status}\n${tail(ended.error)}`);
    const { results } = JSON.parse(ended.out) as { results: readonly SanityResult[] };
    return results.map(({ name, status, message = '' }) => ({
      name,
      outcome: status === 'pass' ? 'passed' : status === 'skip' ? 'skipped' : 'failed',
      reason: status === 'pass' ? '' : message,
    }));
  },
};

interface SanityResult {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
}

let prepared: Promise<{ readonly python: string; readonly bin: string }> | undefined;

/** A virtual environment with exactly the pinned packages, made once per list of them. @throws Absent */
function environment(): Promise<{ readonly python: string; readonly bin: string }> {
  prepared ??= prepare();
  return prepared;
}

async function prepare() {
  const base = await newestPython();
  const digest = createHash('sha256')
    .update(readFileSync(REQUIREMENTS))
    .update(base.version)
    .digest('hex')
    .slice(0, 12);
  const folder = join(CACHE, `python-${digest}`);
  const bin = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  const made = { python: join(bin, 'python'), bin };
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return made;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  const venv = await run(base.command, ['-m', 'venv', folder]);
  if (venv.status !== 0)
    throw new Absent(`python3 -m venv does not work (apt install python3-venv): ${tail(venv.error, 1)}`);
  const words = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', REQUIREMENTS];
  const installed = await run(made.python, words);
  if (installed.status !== 0)
    throw new Absent(`pip could not install the pinned packages: ${tail(installed.error, 2)}`);
  writeFileSync(complete, '');
  return made;
}

/** scim2-models needs Python 3.11. */
async function newestPython(): Promise<{ command: string; version: string }> {
  for (const command of ['python3', 'python3.13', 'python3.12', 'python3.11']) {
    const asked = await run(command, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    const [major, minor] = asked.out.trim().split('.').map(Number);
    if (asked.status === 0 && major === 3 && minor! >= 11) return { command, version: asked.out.trim() };
  }
  throw new Absent('no Python 3.11 or later is found');
}
