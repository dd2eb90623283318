// `npm run bench:million`: one member added and removed, in a group of 1,000,000 and in one of 100, on SQLite. It takes minutes and two
// gigabytes of disk.
import { times } from './load.ts';
import { below, type Figure, median, table } from './measure.ts';
import { overFile } from './overFile.ts';
import { idle, range, spread } from './service.ts';

const PEOPLE = 1_000_000;
const COUNT = 200;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const figures: Figure[] = [];
say('1,000,000 people and memberships');
await overFile(PEOPLE, [PEOPLE, 100], async ({ service, client, floor, seeded: { groups } }) => {
  say('the first look at everybody');
  const started = performance.now();
  await idle(service);
  figures.push({ name: 'first look at everybody', value: performance.now() - started, unit: 'ms' });
  say(`${service.memory().toFixed(0)} MB`);
  const write = median(await times(100, floor.write));
  const [large, small] = [groups.get(PEOPLE)!, groups.get(100)!];
  const joining = await spread(range(COUNT), 16, (n) => client.user(`joins-${n}`));
  await idle(service);
  for (const [what, act] of [
    ['added', (group: string, id: string) => client.add(group, id)],
    ['removed', (group: string, id: string) => client.remove(group, id)],
  ] as const) {
    const [few, many]: [number[], number[]] = [[], []];
    for (const id of joining) {
      few.push(...(await times(1, () => act(small, id))));
      many.push(...(await times(1, () => act(large, id))));
    }
    for (const [size, found] of [
      ['100', few],
      ['1,000,000', many],
    ] as const)
      figures.push({
        ...{ name: `a member ${what}, group of ${size}`, value: median(found), unit: 'ms' },
        ...{ floor: { what: 'bare write', value: write }, goal: below(1, median(found), '< 1 ms') },
      });
    const flat = median(many) / median(few);
    figures.push({ name: '  the same over a group of 100', value: flat, unit: 'x', goal: below(1.5, flat, '< 1.5') });
  }
  figures.push({ name: 'memory after all that', value: service.memory(), unit: 'MB' });
});
process.stdout.write(`\n${table(figures)}`);
