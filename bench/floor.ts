// What a service costs that keeps nothing but a text: a bare Fastify route, one prepared statement, one flush for each write. In a
// process of its own, as the service is. Its one argument is its database; the line it prints is where it listens.
import { DatabaseSync } from 'node:sqlite';
import { fastify } from 'fastify';

const database = new DatabaseSync(process.argv[2]!);
database.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE floor (id TEXT PRIMARY KEY, body TEXT)',
);
const insert = database.prepare('INSERT INTO floor VALUES (?, ?)');
const select = database.prepare('SELECT body FROM floor WHERE id = ?');
const app = fastify();
let next = 0;
app.post('/', async ({ body }) => {
  insert.run(String(next++), JSON.stringify(body));
  return body;
});
app.get<{ Params: { id: string } }>('/:id', async ({ params }, reply) => {
  const row = select.get(params.id) as { body: string };
  return reply.type('application/json').send(row.body);
});
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
process.once('SIGTERM', () => process.exit(0));
