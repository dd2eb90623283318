import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { stringify } from 'yaml';

const BIN = fileURLToPath(new URL('../bin/jenkins-scim.js', import.meta.url));

/** Where the service works: a folder of its own, one controller. */
export interface Place {
  readonly folder: string;
  readonly config: string;
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

export interface Target {
  readonly url: string;
  readonly user: string;
  readonly token: string;
}

/** What ten minutes of creates come to is more than a connection has by default. */
const UNLIMITED = {
  requestsPerSecond: 'unlimited',
  users: 5_000_000,
  memberships: 50_000_000,
  writesPerDay: 100_000_000,
};

const POLICY = `version: 1
roles:
  developer:
    scope: { folder: "{team}" }
    name: "{team}-developer"
    permissions: [Job/Read, Job/Build]
captures:
  team: { matches: "[a-z][a-z0-9-]*", max: 50 }
rules:
  - id: developers
    group: "ci-{team}-dev"
    grant: developer
`;

/** Configuration, policy and token in a folder of its own; ceilings are out of the way of mass changes. `connections` come after okta; `postgres` is the URL of a database instead of a file. */
export function place(target: Target, connections: Readonly<Record<string, object>> = {}, postgres?: string): Place {
  const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-bench-'));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 });
  write('policy.yaml', POLICY);
  write('token', `${target.token}\n`);
  const config = join(folder, 'jenkins-scim.yaml');
  write(
    'jenkins-scim.yaml',
    stringify({
      server: { listen: '127.0.0.1:0' },
      database: postgres === undefined ? 'sqlite:./data/jenkins-scim.db' : { env: 'DATABASE_URL' },
      policy: './policy.yaml',
      keys: './keys',
      // The service at its fastest is what is measured here; `flood` measures the limit.
      connections: { okta: { profile: 'okta', limits: UNLIMITED }, ...connections },
      controllers: {
        ci: { url: target.url, user: target.user, apiToken: { file: './token' }, mode: 'enforce', breakGlass: 'admin' },
      },
      guard: {
        losses: {
          disableUsers: { count: 1_000_000, percent: 100 },
          revokeGrants: { count: 1_000_000, percent: 100 },
        },
        gains: { grantsPerPerson: 1000, createRoles: 1000 },
      },
    }),
  );
  const environment = postgres === undefined ? {} : { DATABASE_URL: postgres };
  return { folder, config, environment, close: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A running `serve`, as a user starts it. */
export interface Service {
  readonly scim: string;
  /** Milliseconds from the start of the process to the line that says ready. */
  readonly readyMs: number;
  /** Resident megabytes. */
  memory(): number;
  /** Milliseconds of processor time since the start. */
  cpu(): number;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export async function serve(at: Place, ...words: readonly string[]): Promise<Service> {
  const started = performance.now();
  const child = spawn(process.execPath, [BIN, '--config', at.config, 'serve', ...words], {
    env: { ...process.env, ...at.environment },
    stdio: ['ignore', 'pipe', process.env.BENCH_LOG === undefined ? 'ignore' : 'inherit'],
  });
  const line = await firstLine(child);
  const { scim } = JSON.parse(line) as { scim: string };
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    scim,
    readyMs: performance.now() - started,
    memory: () => residentMegabytes(child.pid!),
    cpu: () => processorTime(child.pid!),
    async kill(signal) {
      child.kill(signal);
      await exited;
    },
  };
}

/** One command of the product; its JSON. */
export async function command<T>(at: Place, ...words: readonly string[]): Promise<T> {
  const child = spawn(process.execPath, [BIN, '--config', at.config, '--json', ...words], {
    env: { ...process.env, ...at.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout!) text += String(chunk);
  return JSON.parse(text) as T;
}

/** The first line a process prints. */
export async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout!) {
    text += String(chunk);
    const end = text.indexOf('\n');
    if (end !== -1) return text.slice(0, end);
  }
  throw new Error(`serve ended before it was ready: ${text}`);
}

function residentMegabytes(pid: number): number {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return Number.NaN;
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(path, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** User and system time; the kernel counts in hundredths of a second. */
function processorTime(pid: number): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return Number.NaN;
  const fields = readFileSync(path, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resolves when a service has worked off what it was given: half a second almost without processor time, or after a minute. */
export async function idle(service: Pick<Service, 'cpu'>): Promise<void> {
  for (let look = 0; look < 120; look++) {
    const before = service.cpu();
    await sleep(500);
    if (!(service.cpu() - before > 30)) return;
  }
}

/** A SCIM client with 16 connections. */
export class Client {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Record<string, string>;

  constructor(scim: string, token: string) {
    const url = new URL(scim);
    this.#pool = new Pool(url.origin, { connections: 16 });
    this.#path = url.pathname;
    this.#headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
  }

  /** A body that is a text is in words already. @throws Error on any status of 400 and above */
  async send(method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, body?: unknown): Promise<{ id: string }> {
    const answer = await this.#pool.request({
      method,
      path: `${this.#path}${path}`,
      headers: this.#headers,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return text === '' ? { id: '' } : JSON.parse(text);
  }

  /** Reads an answer without looking at it, piece by piece; its bytes. To parse ten megabytes keeps whoever does it from anything else. */
  async drain(path: string): Promise<number> {
    const answer = await this.#pool.request({ method: 'GET', path: `${this.#path}${path}`, headers: this.#headers });
    if (answer.statusCode >= 400) throw new Error(`GET ${path}: ${answer.statusCode}`);
    let bytes = 0;
    for await (const piece of answer.body) bytes += (piece as Buffer).length;
    return bytes;
  }

  async user(name: string): Promise<string> {
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
    const emails = [{ value: `${name}@corp.test`, type: 'work', primary: true }];
    return (
      await this.send('POST', '/Users', { schemas, userName: name, externalId: `x-${name}`, emails, active: true })
    ).id;
  }

  async group(displayName: string, members: readonly string[] = []): Promise<string> {
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
    return (await this.send('POST', '/Groups', { schemas, displayName, members: members.map((value) => ({ value })) }))
      .id;
  }

  async patch(path: string, ...Operations: readonly unknown[]): Promise<void> {
    await this.send('PATCH', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations });
  }

  add(group: string, ...members: readonly string[]): Promise<void> {
    return this.patch(`/Groups/${group}`, { op: 'add', path: 'members', value: members.map((value) => ({ value })) });
  }

  remove(group: string, member: string): Promise<void> {
    return this.patch(`/Groups/${group}`, { op: 'remove', path: `members[value eq "${member}"]` });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** Runs a task for each value, so many at a time. */
export async function spread<T, R>(values: readonly T[], width: number, run: (value: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(values.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < values.length; at = next++) results[at] = await run(values[at]!);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Milliseconds until something holds, looked at every turn or pause; fails after the patience. */
export async function until(holds: () => boolean | Promise<boolean>, patience = 60_000, pause = 0): Promise<number> {
  const started = performance.now();
  while (!(await holds())) {
    if (performance.now() - started > patience) throw new Error(`not within ${patience} ms: ${holds}`);
    if (pause > 0) await sleep(pause);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  return performance.now() - started;
}
