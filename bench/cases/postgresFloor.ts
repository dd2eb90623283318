import { fastify } from 'fastify';
import pg from 'pg';
import { Pool } from 'undici';
import { range, spread } from '../service.ts';

/** What the server itself can do behind a bare Fastify route: one prepared statement and one commit for each request. */
export interface Floor {
  /** A second, 16 connections. */
  readonly creates: number;
  readonly reads: number;
  /** Milliseconds, one after another. */
  readonly createMs: number;
  readonly readMs: number;
}

const INSERT = { name: 'insert', text: 'INSERT INTO floor (id, name, body) VALUES ($1, $2, $3)' };
const SELECT = { name: 'select', text: 'SELECT * FROM floor WHERE name = $1' };
const BODY = JSON.stringify({ userName: 'somebody', emails: [{ value: 'somebody@corp.test' }] });
const SERIAL = 200;

/** In a table of its own, which is gone afterwards. */
export async function floorOf(url: string, count: number): Promise<Floor> {
  const database = new pg.Pool({ connectionString: url, max: 16 });
  await database.query('CREATE TABLE floor (id text PRIMARY KEY, name text UNIQUE, body text)');
  const app = fastify();
  let next = 0;
  app.post('/', async (request) => {
    const id = String(next++);
    await database.query({ ...INSERT, values: [id, `n${id}`, JSON.stringify(request.body)] });
    return { id };
  });
  app.get<{ Params: { name: string } }>(
    '/:name',
    async ({ params }) => (await database.query({ ...SELECT, values: [params.name] })).rows[0],
  );
  const pool = new Pool(await app.listen({ host: '127.0.0.1', port: 0 }), { connections: 16 });
  const post = async (): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    await (await pool.request({ method: 'POST', path: '/', headers, body: BODY })).body.dump();
  };
  const get = async (index: number): Promise<void> => {
    await (await pool.request({ method: 'GET', path: `/n${index % next}` })).body.dump();
  };
  const timed = async (of: number, width: number, run: (index: number) => Promise<void>): Promise<number> => {
    const started = performance.now();
    await spread(range(of), width, run);
    return performance.now() - started;
  };
  try {
    await timed(SERIAL, 16, post);
    return {
      creates: (count * 1_000) / (await timed(count, 16, post)),
      reads: (count * 1_000) / (await timed(count, 16, get)),
      createMs: (await timed(SERIAL, 1, post)) / SERIAL,
      readMs: (await timed(SERIAL, 1, get)) / SERIAL,
    };
  } finally {
    await pool.close();
    await app.close();
    await database.query('DROP TABLE floor');
    await database.end();
  }
}
