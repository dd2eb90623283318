// `npm run bench:postgres`: the rows of `bench:scale` over PostgreSQL, beside a bare Fastify route over the same server in the same run,
// and what a second replica costs. `-- --minutes 10` as there.
import { startPostgres } from '../test/postgres/server.ts';
import { rate, startFloor } from './load.ts';
import { type Figure, median, table } from './measure.ts';
import { minutes } from './minutes.ts';
import { PEOPLE, SIZES, scaleRows } from './scaleRows.ts';
import { seedPostgres } from './seedPostgres.ts';
import { Client, command, place, serve } from './service.ts';
import { measured } from './target.ts';

const COUNT = 1_000;
const ROUNDS = 3;

const kept = minutes();
const figures: Figure[] = [];
const told = (): void => void process.stderr.write(`\n${table(figures)}`);
process.once('SIGTERM', () => {
  told();
  process.exit(1);
});
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const server = await startPostgres({ shared_buffers: '128MB' });
const target = await measured(undefined);
const at = place(target, {}, server.url);
try {
  const { token } = await command<{ token: string }>(at, 'token', 'create', '--connection', 'okta');
  say('100,000 people, 1,000,000 memberships');
  const seeded = await seedPostgres(server.url, PEOPLE, SIZES);
  const service = await serve(at);
  const client = new Client(service.scim, token);
  const floor = await startFloor(server.url);
  await scaleRows(figures, { engine: 'postgres', service, client, floor, seeded, say, minutes: kept });
  say('a second replica');
  let made = 0;
  const creates = (): Promise<number> => rate(COUNT, () => client.user(`made-${made++}`));
  const alone: number[] = [];
  const beside: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await creates());
    const other = await serve(at, '--only', 'scim');
    beside.push(await creates());
    await other.kill('SIGTERM');
  }
  const held = median(beside) / median(alone);
  figures.push({
    ...{ name: 'creates beside a second replica (scim)', value: median(beside), unit: '/s' },
    floor: { what: 'alone', value: median(alone) },
    goal: { text: '>= 0.9 x', holds: held >= 0.9 },
  });
  await client.close();
  await floor.close();
  await service.kill('SIGTERM');
} finally {
  at.close();
  await target.close();
  await server.stop();
}
process.stdout.write(`\n${table(figures)}`);
process.exitCode = figures.every(({ goal }) => goal?.holds !== false) ? 0 : 1;
