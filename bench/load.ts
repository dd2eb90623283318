import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { median } from './measure.ts';
import type { By } from './samePerson.ts';
import { firstLine, range, spread } from './service.ts';

const WIDTH = 16;
const BODY = JSON.stringify({
  userName: 'somebody',
  externalId: 'x-somebody',
  emails: [{ value: 'somebody@corp.test', type: 'work', primary: true }],
  active: true,
});

/** The same work without the service, in a process of its own. */
export interface Floor {
  write(): Promise<void>;
  /** Reads a person out of the database of the service, with attributes and groups. */
  read(by: By, value: string): Promise<void>;
  close(): Promise<void>;
}

/** Over a database in a file, beside that of the `service`; or on a server, where it is in the same one. */
export async function startFloor(database: string, service = database): Promise<Floor> {
  const file = fileURLToPath(new URL('./floor.ts', import.meta.url));
  const words = ['--disable-warning=ExperimentalWarning', file, database, service];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const pool = new Pool(await firstLine(child), { connections: WIDTH });
  const headers = { 'content-type': 'application/json' };
  // Parsed as the client of the service does it.
  const send = async (request: Parameters<Pool['request']>[0]): Promise<void> => {
    const answer = await pool.request(request);
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`the floor answers ${answer.statusCode}: ${text}`);
    JSON.parse(text);
  };
  return {
    write: () => send({ method: 'POST', path: '/', headers, body: BODY }),
    read: (by, value) => send({ method: 'GET', path: `/${by}/${encodeURIComponent(value)}` }),
    async close() {
      await pool.close();
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Requests a second over 16 connections. */
export async function rate(count: number, run: (index: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await spread(range(count), WIDTH, run);
  return (count * 1_000) / (performance.now() - started);
}

export interface Compared {
  /** Medians over the rounds, a second. */
  readonly ours: number;
  readonly floor: number;
  /** The median of the ratios of the rounds: what slows both for a while changes it little. */
  readonly ratio: number;
}

/** Ours and the floor in turns, so that a busy machine is busy for both. */
export async function compared(
  rounds: number,
  count: number,
  ours: (index: number) => Promise<unknown>,
  floor: (index: number) => Promise<unknown>,
): Promise<Compared> {
  const found: { ours: number; floor: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const under = await rate(count, (index) => floor(round * count + index));
    found.push({ floor: under, ours: await rate(count, (index) => ours(round * count + index)) });
  }
  return {
    ours: median(found.map((one) => one.ours)),
    floor: median(found.map((one) => one.floor)),
    ratio: median(found.map((one) => one.ours / one.floor)),
  };
}

/** Milliseconds of each run, one after another. */
export async function times(count: number, run: (index: number) => Promise<unknown>): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await run(index);
    found.push(performance.now() - started);
  }
  return found;
}
