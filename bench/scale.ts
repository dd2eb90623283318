// `npm run bench:scale`: 100,000 people and 1,000,000 memberships on SQLite; ratios to floors of the same run. `-- --minutes 10` keeps
// the mixed load up for so long, and looks at the memory.
import { type Figure, table } from './measure.ts';
import { minutes } from './minutes.ts';
import { overFile } from './overFile.ts';
import { PEOPLE, SIZES, scaleRows } from './scaleRows.ts';

const kept = minutes();
const figures: Figure[] = [];
process.once('SIGTERM', () => {
  process.stderr.write(`\n${table(figures)}`);
  process.exit(1);
});
const say = (text: string): void => void process.stderr.write(`${text}\n`);
say('100,000 people, 1,000,000 memberships');
await overFile(PEOPLE, SIZES, (running) => scaleRows(figures, { ...running, engine: 'sqlite', say, minutes: kept }));
process.stdout.write(`\n${table(figures)}`);
