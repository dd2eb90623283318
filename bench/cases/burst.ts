import type { Figure } from '../measure.ts';
import { type Client, range, spread, until } from '../service.ts';
import type { Measured } from '../target.ts';

const CHANGES = 1_000;

/** A thousand people join a group, one request each, 16 connections. */
export async function burst(client: Client, target: Measured, prefix: string): Promise<Figure[]> {
  const group = await client.group(`ci-${prefix}b-dev`);
  const people = await spread(range(CHANGES), 16, (index) => client.user(`${prefix}-burst-${index}`));
  const before = target.saves();
  const started = performance.now();
  await spread(people, 16, (id) => client.add(group, id));
  const accepted = performance.now() - started;
  const role = `${prefix}b-developer`;
  await until(async () => (await target.holders(role)).length === CHANGES, 60_000, 20);
  const took = performance.now() - started;
  const after = target.saves();
  const figures: Figure[] = [
    { name: '1,000 membership changes, accepted', value: accepted, unit: 'ms' },
    { name: '1,000 membership changes, effective', value: took, unit: 'ms' },
  ];
  if (before === undefined || after === undefined) return figures;
  const saves = after - before;
  return [
    ...figures,
    { name: 'saves for 1,000 changes', value: saves, unit: 'saves', goal: { text: '<= 20', holds: saves <= 20 } },
  ];
}
