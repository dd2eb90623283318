import { below, type Figure } from '../measure.ts';
import { type Client, command, type Place, range, spread, until } from '../service.ts';
import type { Measured } from '../target.ts';

const GRANTS = 10_000;
const AT_ONCE = 1_000;

/** 10,000 people in a group while the controller is paused; from `resume` (the command's own start included) to the last grant. */
export async function firstSync(client: Client, target: Measured, place: Place, prefix: string): Promise<Figure[]> {
  await command(place, 'pause', 'controller', 'ci');
  const people = await spread(range(GRANTS), 16, (index) => client.user(`${prefix}-first-${index}`));
  const group = await client.group(`ci-${prefix}f-dev`);
  for (let at = 0; at < GRANTS; at += AT_ONCE) await client.add(group, ...people.slice(at, at + AT_ONCE));
  const before = target.saves();
  const role = `${prefix}f-developer`;
  const started = performance.now();
  await command(place, 'resume', 'controller', 'ci');
  await until(async () => (await target.holders(role)).length === GRANTS, 120_000, 50);
  const took = performance.now() - started;
  const after = target.saves();
  return [
    { name: '10,000 grants, first sync', value: took, unit: 'ms', goal: below(5_000, took, '< 5 s') },
    ...(before === undefined || after === undefined
      ? []
      : [{ name: 'saves for 10,000 grants', value: after - before, unit: 'saves' as const }]),
  ];
}
