import type { Figure } from '../measure.ts';
import { type Client, Client as Connection, type Place, range, type Service, serve, until } from '../service.ts';
import type { Measured } from '../target.ts';

const PEOPLE = 400;

/** kill -9 while members are added: what was acknowledged is there, and the controller converges after the restart. */
export async function kill(
  first: Service,
  place: Place,
  token: string,
  client: Client,
  target: Measured,
  prefix: string,
): Promise<{ readonly figures: Figure[]; readonly service: Service }> {
  const group = await client.group(`ci-${prefix}k-dev`);
  const people: { id: string; name: string }[] = [];
  for (const index of range(PEOPLE)) {
    const name = `${prefix}-kill-${index}`;
    people.push({ id: await client.user(name), name });
  }
  const acknowledged = new Set<string>();
  let running = true;
  const writers = range(8).map(async (lane) => {
    for (let at = lane; running && at < people.length; at += 8) {
      const { id, name } = people[at]!;
      try {
        await client.add(group, id);
        acknowledged.add(name);
      } catch {
        return;
      }
    }
  });
  await until(() => acknowledged.size > 60, 30_000, 1);
  await first.kill('SIGKILL');
  running = false;
  await Promise.all(writers);
  const started = performance.now();
  const service = await serve(place);
  const again = new Connection(service.scim, token);
  const stored = (await again.send('GET', `/Groups/${group}`)) as unknown as { members?: readonly { value: string }[] };
  await again.close();
  const members = new Set((stored.members ?? []).map(({ value }) => value));
  const lost = people.filter(({ id, name }) => acknowledged.has(name) && !members.has(id)).length;
  const role = `${prefix}k-developer`;
  await until(async () => (await target.holders(role)).length === members.size, 60_000, 20);
  const converged = performance.now() - started;
  return {
    service,
    figures: [
      {
        name: `kill -9: lost of ${acknowledged.size} acknowledged`,
        value: lost,
        unit: 'lost',
        goal: { text: '0', holds: lost === 0 },
      },
      { name: 'kill -9: restart until converged', value: converged, unit: 'ms' },
    ],
  };
}
