import { below, type Figure, median } from '../measure.ts';
import { type Client, range, spread } from '../service.ts';

const LARGE = 20_000;
const SMALL = 100;
const SAMPLES = 200;

/** Makes people once for the cases that need many. @returns their ids */
export async function populate(client: Client, count: number): Promise<string[]> {
  return spread(range(count), 16, (index) => client.user(`crowd-${index}`));
}

/** Adding one member to a group of 20,000 beside one of 100, in turns, one client. Groups no rule names: the store alone. */
export async function memberAdd(client: Client, crowd: readonly string[]): Promise<Figure[]> {
  const large = await client.group('large', crowd.slice(0, LARGE - SAMPLES));
  const small = await client.group('small', crowd.slice(0, SMALL));
  const added = crowd.slice(LARGE - SAMPLES, LARGE);
  const times = { large: [] as number[], small: [] as number[] };
  for (const id of added)
    for (const [name, group] of [
      ['large', large],
      ['small', small],
    ] as const) {
      const started = performance.now();
      await client.add(group, id);
      times[name].push(performance.now() - started);
    }
  const ratio = median(times.large) / median(times.small);
  return [
    {
      name: 'add a member, group of 20,000, p50',
      value: median(times.large),
      unit: 'ms',
      floor: { what: 'group of 100', value: median(times.small) },
    },
    { name: 'the same over a group of 100', value: ratio, unit: 'x', goal: below(1.5, ratio, '< 1.5') },
  ];
}
