// `npm run bench:postgres`: the SCIM side over PostgreSQL, beside a bare Fastify route over the same server in the same run.
import pg from 'pg';
import { startPostgres } from '../test/postgres/server.ts';
import { floorOf } from './cases/postgresFloor.ts';
import { below, type Figure, median, table } from './measure.ts';
import { Client, command, place, range, serve, spread } from './service.ts';
import { measured } from './target.ts';

const COUNT = 1_000;
const CROWD = 100_000;
const LARGE = 20_000;
const SAMPLES = 100;
const ROUNDS = 3;

const server = await startPostgres({ shared_buffers: '128MB' });
const target = await measured(undefined);
const at = place(target, {}, server.url);
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const figures: Figure[] = [];
const ratio = (name: string, value: number, floor: number, unit: '/s' | 'ms', goal?: number): void => {
  const holds = goal === undefined || value >= goal * floor;
  const what = 'bare route';
  figures.push({
    ...{ name, value, unit, floor: { what, value: floor } },
    ...(goal === undefined ? {} : { goal: { text: `>= ${goal} x`, holds } }),
  });
};
const service = await serve(at, '--only', 'scim');
try {
  const { token } = await command<{ token: string }>(at, 'token', 'create', '--connection', 'okta');
  const client = new Client(service.scim, token);
  let made = 0;
  const creates = async (): Promise<number> => {
    const started = performance.now();
    await spread(range(COUNT), 16, () => client.user(`made-${made++}`));
    return (COUNT * 1_000) / (performance.now() - started);
  };
  const look = (path: (index: number) => string) => async (): Promise<number> => {
    const started = performance.now();
    await spread(range(COUNT), 16, (index) => client.send('GET', path(index)));
    return (COUNT * 1_000) / (performance.now() - started);
  };
  const filter = (text: string) => `/Users?filter=${encodeURIComponent(text)}`;
  say(`${CROWD} people`);
  const crowd = await people(server.url, CROWD);
  await creates();
  say('floors');
  const floor = await floorOf(server.url, COUNT);
  say('creates and look-ups');
  ratio('create, durable, 16 connections', await creates(), floor.creates, '/s', 1.5);
  ratio('look-up by userName', await look((n) => filter(`userName eq "made-${n}"`))(), floor.reads, '/s', 0.5);
  ratio('look-up by externalId', await look((n) => filter(`externalId eq "x-made-${n}"`))(), floor.reads, '/s', 0.5);
  const one: number[] = [];
  for (let n = 0; n < 200; n++) {
    const started = performance.now();
    await client.user(`alone-${n}`);
    one.push(performance.now() - started);
  }
  ratio('create, one after another', median(one), floor.createMs, 'ms');
  say('members');
  const rest = crowd.slice(LARGE);
  const [large, small] = [
    await client.group('large', crowd.slice(0, LARGE)),
    await client.group('small', crowd.slice(0, 100)),
  ];
  const adding = async (group: string, from: number): Promise<number> => {
    const times: number[] = [];
    for (const id of rest.slice(from, from + SAMPLES)) {
      const started = performance.now();
      await client.add(group, id);
      times.push(performance.now() - started);
    }
    return median(times);
  };
  const [little, much] = [await adding(small, 0), await adding(large, SAMPLES)];
  ratio('add a member, group of 100', little, floor.createMs, 'ms');
  ratio('add a member, group of 20,000', much, floor.createMs, 'ms');
  figures.push({
    name: 'the same over a group of 100',
    value: much / little,
    unit: 'x',
    goal: below(1.5, much / little, '< 1.5'),
  });
  say('a second replica');
  const alone: number[] = [];
  const beside: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await creates());
    const other = await serve(at, '--only', 'scim');
    beside.push(await creates());
    await other.kill('SIGTERM');
  }
  const kept = median(beside) / median(alone);
  figures.push({
    ...{ name: 'creates beside a second replica (scim)', value: median(beside), unit: '/s' },
    floor: { what: 'alone', value: median(alone) },
    goal: { text: '>= 0.9 x', holds: kept >= 0.9 },
  });
  const memory = service.memory();
  figures.push({ name: 'memory', value: memory, unit: 'MB', goal: below(300, memory, '< 300 MB') });
  await client.close();
} finally {
  await service.kill('SIGTERM');
  at.close();
  await target.close();
  await server.stop();
}
process.stdout.write(`\n${table(figures)}`);
process.exitCode = figures.every(({ goal }) => goal?.holds !== false) ? 0 : 1;

/** People by one statement, past the service. @returns their ids */
async function people(url: string, count: number): Promise<string[]> {
  const database = new pg.Client({ connectionString: url });
  await database.connect();
  const { rows } = await database.query(
    `INSERT INTO users (id, connection, user_name, user_name_key, external_id, active, document, created_at, modified_at, version)
      SELECT gen_random_uuid()::text, 'okta', name, name, 'x-' || name, 1, json_build_object('userName', name, 'active', true)::text,
        '2025-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z', 1
      FROM (SELECT 'crowd-' || n AS name FROM generate_series(1, $1::int) AS n) AS crowd RETURNING id`,
    [count],
  );
  await database.query(
    `INSERT INTO counters (name, value) VALUES ('users:okta', $1) ON CONFLICT (name) DO UPDATE SET value = counters.value + $1`,
    [count],
  );
  await database.query('ANALYZE');
  await database.end();
  return rows.map(({ id }) => String(id));
}
