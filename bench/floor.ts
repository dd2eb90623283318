// What a service costs that keeps nothing but a text: a bare Fastify route, one prepared statement, one flush for each write. In a
// process of its own, as the service is. Its one argument is its database, a file or the URL of a server; the line it prints is where
// it listens.
import { DatabaseSync } from 'node:sqlite';
import { fastify } from 'fastify';
import pg from 'pg';

interface Texts {
  put(id: string, body: string): unknown;
  get(id: string): Promise<string> | string;
}

const CONNECTIONS = 16;

function inFile(path: string): Texts {
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE floor (id TEXT PRIMARY KEY, body TEXT)',
  );
  const insert = database.prepare('INSERT INTO floor VALUES (?, ?)');
  const select = database.prepare('SELECT body FROM floor WHERE id = ?');
  return {
    put: (id, body) => insert.run(id, body),
    get: (id) => (select.get(id) as { body: string }).body,
  };
}

async function onServer(url: string): Promise<Texts> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  await pool.query('DROP TABLE IF EXISTS floor');
  await pool.query('CREATE TABLE floor (id text PRIMARY KEY, body text)');
  return {
    put: (id, body) => pool.query({ name: 'put', text: 'INSERT INTO floor VALUES ($1, $2)', values: [id, body] }),
    async get(id) {
      const { rows } = await pool.query({ name: 'get', text: 'SELECT body FROM floor WHERE id = $1', values: [id] });
      return rows[0].body;
    },
  };
}

const database = process.argv[2]!;
const texts = database.startsWith('postgres:') ? await onServer(database) : inFile(database);
const app = fastify();
let next = 0;
app.post('/', async ({ body }) => {
  await texts.put(String(next++), JSON.stringify(body));
  return body;
});
app.get<{ Params: { id: string } }>('/:id', async ({ params }, reply) =>
  reply.type('application/json').send(await texts.get(params.id)),
);
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
process.once('SIGTERM', () => process.exit(0));
