import { below, type Figure, median } from '../measure.ts';
import { type Client, range, sleep, until } from '../service.ts';
import type { Measured } from '../target.ts';

const SAMPLES = 20;
/** After a quiet second the next change goes at once. */
const QUIET_MS = 1_100;

/** From the request of the identity provider until the controller has it, one change after a quiet second at a time. */
export async function effective(client: Client, target: Measured, prefix: string): Promise<Figure[]> {
  const group = await client.group(`ci-${prefix}-dev`);
  const people: { id: string; name: string }[] = [];
  for (const index of range(SAMPLES)) {
    const name = `${prefix}-eff-${index}`;
    people.push({ id: await client.user(name), name });
  }
  const first = `${prefix}-eff-first`;
  await client.add(group, await client.user(first));
  const role = `${prefix}-developer`;
  await until(async () => (await target.holders(role)).includes(first), 60_000, 5);
  const times: number[] = [];
  const answers: number[] = [];
  for (const { id, name } of people) {
    await sleep(QUIET_MS);
    const started = performance.now();
    await client.add(group, id);
    answers.push(performance.now() - started);
    await until(async () => (await target.holders(role)).includes(name), 30_000, target.real ? 5 : 0);
    times.push(performance.now() - started);
  }
  const floor = await directCalls(target);
  const limit = target.real ? 150 : 25;
  const value = median(times);
  return [
    {
      name: 'push to effective, p50',
      value,
      unit: 'ms',
      floor: { what: 'whoAmI twice and one script, direct', value: floor },
      goal: below(limit, value, `< ${limit} ms`),
    },
    { name: 'answer to the identity provider, p50', value: median(answers), unit: 'ms' },
  ];
}

/** What the calls of one batch cost without the service. */
async function directCalls(target: Measured): Promise<number> {
  const times: number[] = [];
  for (const _ of range(10)) {
    const started = performance.now();
    await target.direct.whoAmI();
    await target.direct.fingerprint();
    await target.direct.whoAmI();
    times.push(performance.now() - started);
  }
  return median(times);
}
