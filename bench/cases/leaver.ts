import { below, type Figure, median } from '../measure.ts';
import { type Client, command, type Place, range, sleep, until } from '../service.ts';
import type { Measured } from '../target.ts';

const SAMPLES = 5;

interface Certificate {
  readonly complete: boolean;
  readonly controllers: readonly { readonly elapsedMs: number | null }[];
}

/** From the deactivation until the certificate is complete, by the certificate's own times. */
export async function leaver(client: Client, target: Measured, place: Place, prefix: string): Promise<Figure[]> {
  const group = await client.group(`ci-${prefix}l-dev`);
  const people: { id: string; name: string }[] = [];
  for (const index of range(SAMPLES)) {
    const name = `${prefix}-left-${index}`;
    people.push({ id: await client.user(name), name });
  }
  await client.add(group, ...people.map(({ id }) => id));
  const role = `${prefix}l-developer`;
  await until(async () => (await target.holders(role)).length === SAMPLES, 60_000, 20);
  const times: number[] = [];
  for (const { id, name } of people) {
    target.equip?.(name);
    await sleep(1_100);
    await client.patch(`/Users/${id}`, { op: 'replace', value: { active: false } });
    let certificate: Certificate | undefined;
    await until(
      async () => {
        certificate = await command<Certificate>(place, 'leaver', name);
        return certificate.complete;
      },
      30_000,
      50,
    );
    times.push(Math.max(...certificate!.controllers.map(({ elapsedMs }) => elapsedMs ?? Number.NaN)));
  }
  const value = median(times);
  return [{ name: 'leaver, received to proven, p50', value, unit: 'ms', goal: below(1_000, value, '< 1 s') }];
}
