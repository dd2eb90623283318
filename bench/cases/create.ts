import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fastify } from 'fastify';
import { Pool } from 'undici';
import type { Figure } from '../measure.ts';
import { type Client, range, spread } from '../service.ts';

const COUNT = 3_000;

/** Durable creates a second, 16 connections, beside a bare Fastify route with one prepared insert and one flush per request. */
export async function create(client: Client, prefix: string): Promise<Figure[]> {
  const started = performance.now();
  await spread(range(COUNT), 16, (index) => client.user(`${prefix}-create-${index}`));
  const rate = (COUNT * 1_000) / (performance.now() - started);
  return [
    {
      name: 'create a person, durable, 16 connections',
      value: rate,
      unit: '/s',
      floor: { what: 'bare insert, a flush each', value: await bareRate() },
    },
  ];
}

async function bareRate(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-floor-'));
  const database = new DatabaseSync(join(folder, 'floor.db'));
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id TEXT PRIMARY KEY, body TEXT)',
  );
  const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
  const app = fastify();
  let next = 0;
  app.post('/', async (request) => {
    insert.run(String(next++), JSON.stringify(request.body));
    return { id: next };
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const pool = new Pool(url, { connections: 16 });
  const body = JSON.stringify({ userName: 'somebody', emails: [{ value: 'somebody@corp.test' }] });
  const started = performance.now();
  await spread(range(COUNT), 16, async () => {
    const answer = await pool.request({
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await answer.body.dump();
  });
  const rate = (COUNT * 1_000) / (performance.now() - started);
  await pool.close();
  await app.close();
  database.close();
  rmSync(folder, { recursive: true, force: true });
  return rate;
}
