// `npm run bench:gate`, part of .ci/run: ratios to floors of the same run beside those that are checked in (bench/baseline.json).
// It fails where one is worse by more than a factor of two; times are never compared. `-- --write` checks new ones in.

import { readFileSync, writeFileSync } from 'node:fs';
import { compared, times } from './load.ts';
import { median } from './measure.ts';
import { overFile } from './overFile.ts';

const BASELINE = new URL('./baseline.json', import.meta.url);
const WORSE = 2;
const PEOPLE = 5_000;

const ratios: Record<string, number> = {};
await overFile(PEOPLE, [100, PEOPLE - 500], async ({ client, floor, seeded: { people, groups } }) => {
  const get = (path: string) => client.send('GET', path);
  const versus = async (
    name: string,
    ours: (index: number) => Promise<unknown>,
    under: (index: number) => Promise<unknown>,
  ) => {
    ratios[name] = (await compared(5, 300, ours, under)).ratio;
  };
  await versus('create', (n) => client.user(`gate-${n}`), floor.write);
  await versus(
    'get',
    (n) => get(`/Users/${people[n % PEOPLE]}`),
    (n) => floor.read('id', people[n % PEOPLE]!),
  );
  await versus(
    'lookup',
    (n) => get(`/Users?filter=userName%20eq%20%22seed-${n % PEOPLE}%22`),
    (n) => floor.read('userName', `seed-${n % PEOPLE}`),
  );
  await versus(
    'deactivate',
    (n) => client.patch(`/Users/${people[n]}`, { op: 'replace', value: { active: false } }),
    floor.write,
  );
  const pages = async (name: string, first: string, last: string): Promise<void> => {
    const [front, end]: [number[], number[]] = [[], []];
    for (let round = 0; round < 21; round++) {
      front.push(...(await times(1, () => get(first))));
      end.push(...(await times(1, () => get(last))));
    }
    ratios[name] = median(front) / median(end);
  };
  await pages('first page to last', '/Users?count=100', `/Users?count=100&startIndex=${PEOPLE - 99}`);
  const [small, large] = [groups.get(100)!, groups.get(PEOPLE - 500)!];
  const added: Record<string, number[]> = { small: [], large: [] };
  for (const id of people.slice(-200)) {
    added.small!.push(...(await times(1, () => client.add(small, id))));
    added.large!.push(...(await times(1, () => client.add(large, id))));
  }
  ratios['add a member, small group to large'] = median(added.small!) / median(added.large!);
});

if (process.argv.includes('--write')) {
  const rounded = Object.entries(ratios).map(([name, ratio]) => [name, Number(ratio.toFixed(2))]);
  writeFileSync(BASELINE, `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`);
}
const baseline = JSON.parse(readFileSync(BASELINE, 'utf8')) as Record<string, number>;
for (const [name, known] of Object.entries(baseline)) {
  const ratio = ratios[name] ?? 0;
  const holds = ratio >= known / WORSE;
  process.stdout.write(`${name.padEnd(36)} ${ratio.toFixed(2)} of ${known} ${holds ? 'ok' : 'WORSE'}\n`);
  if (!holds) process.exitCode = 1;
}
