// `npm run bench:scale`: 100,000 people and 1,000,000 memberships on SQLite; ratios to floors of the same run. `-- --minutes 10` keeps
// the mixed load up for so long, and looks at the memory.
import { parseArgs } from 'node:util';
import { compared, rate, startFloor, times } from './load.ts';
import { below, type Figure, median, table } from './measure.ts';
import { seed } from './seed.ts';
import { Client, command, place, range, serve, sleep, spread } from './service.ts';
import { measured } from './target.ts';

const PEOPLE = 100_000;
const LARGE = 100_000;
/** With the large one and the small one 1,000,000 memberships. */
const SIZES = [LARGE, ...range(89).map((n) => 10_000 + n), 6_084 - 100, 100];

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
  const { people, groups } = seed(at, PEOPLE, SIZES);
  const service = await serve(at);
  const client = new Client(service.scim, token);
  const floor = await startFloor(at);
  const get = (path: string) => client.send('GET', path);
  const person = (n: number): string => people[(n * 7_919) % PEOPLE]!;
  await sleep(5_000);
  await spread(range(500), 16, (n) => get(`/Users/${person(n)}`));

  const versus = async (
    name: string,
    goal: number,
    count: number,
    ours: (index: number) => Promise<unknown>,
    under: () => Promise<unknown>,
  ): Promise<void> => {
    say(name);
    const found = await compared(3, count, ours, under);
    figures.push({ name, value: found.ours, unit: '/s', floor: { what: 'bare', value: found.floor } });
    const text = `>= ${goal}`;
    figures.push({
      name: '  over its floor',
      value: found.ratio,
      unit: 'x',
      goal: { text, holds: found.ratio >= goal },
    });
  };
  const filter = (text: string): string => `/Users?filter=${encodeURIComponent(text)}`;
  const number = (n: number): number => (n * 7_919) % PEOPLE;
  await versus('create, durable', 1.5, 200, (n) => client.user(`scale-${n}`), floor.write);
  await versus('get', 0.5, 200, (n) => get(`/Users/${person(n)}`), floor.read);
  await versus('by userName', 0.5, 200, (n) => get(filter(`userName eq "seed-${number(n)}"`)), floor.read);
  await versus('by externalId', 0.5, 200, (n) => get(filter(`externalId eq "x-seed-${number(n)}"`)), floor.read);
  await versus('by e-mail', 0.5, 200, (n) => get(filter(`emails.value eq "seed-${number(n)}@corp.test"`)), floor.read);
  const off = { op: 'replace', value: { active: false } };
  const creates = await rate(1_000, (n) => client.user(`beside-${n}`));
  say('deactivate 1,000');
  const offs = await rate(1_000, (n) => client.patch(`/Users/${people[n]}`, off));
  figures.push({ name: 'deactivate 1,000 people', value: offs, unit: '/s', floor: { what: 'create', value: creates } });

  say('pages');
  const lean = '&attributes=userName,emails,active';
  const page = async (name: string, path: string): Promise<void> => {
    const took = median(await times(41, () => get(path)));
    figures.push({ name, value: took, unit: 'ms', goal: below(3, took, '< 3 ms') });
  };
  const end = PEOPLE + 2_901;
  for (const [what, more] of [
    ['', ''],
    [' without groups', lean],
  ] as const) {
    await page(`page of 100, first${what}`, `/Users?count=100${more}`);
    await page(`page of 100, last${what}`, `/Users?count=100&startIndex=${end}${more}`);
    await page(`page of 100 by name, last${what}`, `/Users?count=100&startIndex=${end}&sortBy=userName${more}`);
    await page(`page of 100 by cursor${what}`, `/Users?count=100&cursor${more}`);
  }

  say('members');
  const [large, small] = [groups.get(LARGE)!, groups.get(100)!];
  const joining = await spread(range(200), 16, (n) => client.user(`joins-${n}`));
  const found: Record<'added' | 'removed', Map<string, number[]>> = { added: new Map(), removed: new Map() };
  for (const [what, act] of [
    ['added', (group: string, id: string) => client.add(group, id)],
    ['removed', (group: string, id: string) => client.remove(group, id)],
  ] as const)
    for (const id of joining)
      for (const group of [small, large]) {
        const list = found[what].get(group) ?? [];
        found[what].set(group, [...list, ...(await times(1, () => act(group, id)))]);
      }
  for (const what of ['added', 'removed'] as const) {
    const [few, many] = [median(found[what].get(small)!), median(found[what].get(large)!)];
    const beside = { what: 'group of 100', value: few };
    figures.push({
      name: `a member ${what}, group of 100,000`,
      value: many,
      unit: 'ms',
      floor: beside,
      goal: below(1, many, '< 1 ms'),
    });
  }
  const many = await times(7, (n) => client.add(small, ...people.slice(n * 256 + 200, n * 256 + 456)));
  figures.push({
    name: 'PATCH with 256 members',
    value: median(many),
    unit: 'ms',
    goal: below(10, median(many), '< 10 ms'),
  });

  say('PUT of 100,000 members');
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
  const put = (n: number) => {
    const members = [...people.slice((n + 1) * 5), ...joining.slice(0, (n + 1) * 5)].map((value) => ({ value }));
    return client.send('PUT', `/Groups/${large}?attributes=displayName`, {
      schemas,
      displayName: `seeded 0 of ${LARGE}`,
      members,
    });
  };
  const waits: number[] = [];
  const puts = await times(5, async (n) => {
    let going = true;
    const sent = put(n).finally(() => {
      going = false;
    });
    while (going) waits.push(...(await times(1, () => get(`/Users/${person(waits.length)}`))));
    await sent;
  });
  figures.push({
    name: 'PUT of 100,000 members changing ten',
    value: median(puts),
    unit: 'ms',
    goal: below(500, median(puts), '< 500 ms'),
  });
  const longest = Math.max(...waits);
  figures.push({
    name: '  longest wait of others meanwhile',
    value: longest,
    unit: 'ms',
    goal: below(50, longest, '< 50 ms'),
  });

  say('mixed load');
  let started = 0;
  const mix = (count: number): Promise<number[]> =>
    spread(range(count), 16, async () => {
      const n = started++;
      const act = [
        () => get(filter(`userName eq "seed-${number(n)}"`)),
        () => get(`/Users/${person(n)}`),
        () => client.user(`mixed-${n}`),
        () => client.add(small, person(n)),
      ][n % 4]!;
      return (await times(1, act))[0]!;
    });
  await mix(400);
  const mixed = await mix(4_000);
  const p99 = mixed.toSorted((a, b) => a - b)[Math.floor(mixed.length * 0.99)]!;
  figures.push({ name: 'mixed load, 16 connections, p99', value: p99, unit: 'ms', goal: below(15, p99, '< 15 ms') });
  if (minutes > 0) {
    const held: number[] = [];
    const end = performance.now() + minutes * 60_000;
    for (let next = performance.now(); next < end; next = performance.now()) {
      while (performance.now() < next + 60_000) await mix(400);
      held.push(service.memory());
      say(`${held.length} min, ${started} requests, ${held.at(-1)!.toFixed(0)} MB`);
    }
    const [early, late] = [held[0]!, held.at(-1)!];
    const beside = { what: 'first minute', value: early };
    const flat = { text: 'within 1.2 x', holds: late <= early * 1.2 };
    figures.push({ name: `memory after ${minutes} minutes of it`, value: late, unit: 'MB', floor: beside, goal: flat });
  }
  const memory = service.memory();
  figures.push({ name: 'memory after all that', value: memory, unit: 'MB', goal: below(300, memory, '< 300 MB') });
  await client.close();
  await floor.close();
  await service.kill('SIGTERM');
} finally {
  at.close();
  await target.close();
}
process.stdout.write(`\n${table(figures)}`);
