// `npm run bench:scale`: 100,000 people and 1,000,000 memberships on SQLite; ratios to floors of the same run. `-- --minutes 10` keeps
// the mixed load up for so long, and looks at the memory.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startFloor } from './load.ts';
import { type Figure, table } from './measure.ts';
import { PEOPLE, SIZES, scaleRows } from './scaleRows.ts';
import { seed } from './seed.ts';
import { Client, command, place, serve } from './service.ts';
import { measured } from './target.ts';

const { values: given } = parseArgs({ options: { minutes: { type: 'string', default: '0' } } });
const minutes = Number(given.minutes);
const figures: Figure[] = [];
const told = (): void => void process.stderr.write(`\n${table(figures)}`);
process.once('SIGTERM', () => {
  told();
  process.exit(1);
});
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const target = await measured(undefined);
const at = place(target);
try {
  const { token } = await command<{ token: string }>(at, 'token', 'create', '--connection', 'okta');
  say('100,000 people, 1,000,000 memberships');
  const seeded = seed(at, PEOPLE, SIZES);
  const service = await serve(at);
  const client = new Client(service.scim, token);
  const floor = await startFloor(join(at.folder, 'floor.db'), join(at.folder, 'data', 'jenkins-scim.db'));
  try {
    await scaleRows(figures, { engine: 'sqlite', service, client, floor, seeded, say, minutes });
  } finally {
    await client.close();
    await floor.close();
    await service.kill('SIGTERM');
  }
} finally {
  at.close();
  await target.close();
}
process.stdout.write(`\n${table(figures)}`);
