// What a service costs that keeps nothing but a text: a bare Fastify route, one prepared statement, one flush for each write. In a
// process of its own, as the service is. Its first argument is its own database, a file or the URL of a server; the second one is the
// database of the service, of which it reads people as the service does. The line it prints is where it listens.
import { DatabaseSync } from 'node:sqlite';
import { fastify } from 'fastify';
import pg from 'pg';
import { type By, isBy, PERSON } from './samePerson.ts';

interface Texts {
  put(id: string, body: string): unknown;
  person(by: By, value: string): Promise<string> | string;
}

const CONNECTIONS = 16;

function inFile(path: string, service: string): Texts {
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE floor (id TEXT PRIMARY KEY, body TEXT)',
  );
  const insert = database.prepare('INSERT INTO floor VALUES (?, ?)');
  const people = new DatabaseSync(service, { readOnly: true, timeout: 1_000 });
  people.exec('PRAGMA cache_size = -16000');
  const statements = new Map(Object.entries(PERSON.sqlite).map(([by, text]) => [by, people.prepare(text)]));
  return {
    put: (id, body) => insert.run(id, body),
    person: (by, value) => (statements.get(by)!.get(value) as { body: string }).body,
  };
}

async function onServer(url: string): Promise<Texts> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  await pool.query('DROP TABLE IF EXISTS floor');
  await pool.query('CREATE TABLE floor (id text PRIMARY KEY, body text)');
  return {
    put: (id, body) => pool.query({ name: 'put', text: 'INSERT INTO floor VALUES ($1, $2)', values: [id, body] }),
    async person(by, value) {
      const { rows } = await pool.query({ name: by, text: PERSON.postgres[by], values: [value] });
      return rows[0].body;
    },
  };
}

const [database = '', service = database] = process.argv.slice(2);
const texts = database.startsWith('postgres:') ? await onServer(database) : inFile(database, service);
const app = fastify();
let next = 0;
app.post('/', async ({ body }) => {
  await texts.put(String(next++), JSON.stringify(body));
  return body;
});
app.get<{ Params: { by: string; value: string } }>('/:by/:value', async ({ params: { by, value } }, reply) => {
  if (!isBy(by)) return reply.callNotFound();
  return reply.type('application/json').send(await texts.person(by, value));
});
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
process.once('SIGTERM', () => process.exit(0));
