import { compared, type Floor, rate, times } from './load.ts';
import { below, type Figure, median } from './measure.ts';
import type { By } from './samePerson.ts';
import type { Seeded } from './seed.ts';
import { type Client, idle, range, type Service, sleep, spread } from './service.ts';

export const PEOPLE = 100_000;
const LARGE = 100_000;
/** A round of ours and one of the floor take turns, both long enough that the code of both is compiled. */
const ROUND = 1_000;
const ROUNDS = 5;
/** Requests of a kind before those that are measured: a service that has run for a while is meant. */
const WARM = 40;
/** With the large one and the small one 1,000,000 memberships. */
export const SIZES = [LARGE, ...range(89).map((n) => 10_000 + n), 6_084 - 100, 100];

export interface Measuring {
  readonly engine: 'sqlite' | 'postgres';
  readonly service: Service;
  readonly client: Client;
  readonly floor: Floor;
  readonly seeded: Seeded;
  readonly say: (text: string) => void;
  /** How long a mixed load is kept up at the end. */
  readonly minutes: number;
}

/** The rows of the table of docs/performance.md, each beside a floor of the same run, added as they are found. */
export async function scaleRows(
  figures: Figure[],
  { engine, service, client, floor, seeded, say: tell, minutes }: Measuring,
): Promise<void> {
  const say = (text: string): void => tell(`${service.memory().toFixed(0).padStart(4)} MB  ${text}`);
  /** What the rows before left to the reconciler is done: each row is about what it says. */
  const settled = async (text: string): Promise<void> => {
    await idle(service);
    say(text);
  };
  const { people, groups } = seeded;
  const get = (path: string) => client.send('GET', path);
  const person = (n: number): string => people[(n * 7_919) % PEOPLE]!;
  /** The longest that somebody else waits for a person while something long goes on. */
  const beside = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    const waits: number[] = [];
    let going = true;
    const running = run().finally(() => {
      going = false;
    });
    while (going) waits.push(...(await times(1, () => get(`/Users/${person(waits.length)}`))));
    const longest = Math.max(...waits);
    figures.push({ name, value: longest, unit: 'ms', goal: below(50, longest, '< 50 ms') });
    return running;
  };
  say('the first look at everybody');
  await beside('longest wait of others: the first look at everybody', () => sleep(8_000));
  await spread(range(500), 16, (n) => get(`/Users/${person(n)}`));

  const versus = async (
    name: string,
    goal: number,
    count: number,
    ours: (index: number) => Promise<unknown>,
    under: (index: number) => Promise<unknown>,
  ): Promise<void> => {
    await settled(name);
    const found = await compared(ROUNDS, count, ours, under);
    figures.push({ name, value: found.ours, unit: '/s', floor: { what: 'bare', value: found.floor } });
    const text = `>= ${goal}`;
    figures.push({
      name: '  over its floor',
      value: found.ratio,
      unit: 'x',
      goal: { text, holds: found.ratio >= goal },
    });
  };
  const one = {
    read: median(await times(100, (n) => floor.read('id', person(n)))),
    write: median(await times(100, floor.write)),
  };
  /** Milliseconds beside what a bare route takes for one read or write, alone. The goals are those of a database in a file. */
  const within = (name: string, value: number, limit: number, kind: 'read' | 'write'): void => {
    const goal = engine === 'sqlite' ? { goal: below(limit, value, `< ${limit} ms`) } : {};
    figures.push({ name, value, unit: 'ms', floor: { what: `bare ${kind}`, value: one[kind] }, ...goal });
  };
  const filter = (text: string): string => `/Users?filter=${encodeURIComponent(text)}`;
  const number = (n: number): number => (n * 7_919) % PEOPLE;
  await versus('create, durable', 1.5, ROUND, (n) => client.user(`scale-${n}`), floor.write);
  const lookup = async (
    name: string,
    ours: (n: number) => string,
    by: By,
    value: (n: number) => string,
  ): Promise<void> =>
    versus(
      name,
      0.5,
      ROUND,
      (n) => get(ours(n)),
      (n) => floor.read(by, value(n)),
    );
  await lookup('get', (n) => `/Users/${person(n)}`, 'id', person);
  for (const [name, by, attribute, value] of [
    ['by userName', 'userName', 'userName', (n: number) => `seed-${number(n)}`],
    ['by externalId', 'externalId', 'externalId', (n: number) => `x-seed-${number(n)}`],
    ['by e-mail', 'emails', 'emails.value', (n: number) => `seed-${number(n)}@corp.test`],
  ] as const)
    await lookup(name, (n) => filter(`${attribute} eq "${value(n)}"`), by, value);
  const off = { op: 'replace', value: { active: false } };
  const left: { creates: number; offs: number }[] = [];
  for (const round of range(3)) {
    await settled('deactivate 1,000');
    const creates = await rate(1_000, (n) => client.user(`beside-${round}-${n}`));
    await idle(service);
    const offs = await rate(1_000, (n) => client.patch(`/Users/${people[round * 1_000 + n]}`, off));
    left.push({ creates, offs });
  }
  const ratio = median(left.map(({ creates, offs }) => offs / creates));
  figures.push({
    ...{ name: 'deactivate 1,000 people', value: median(left.map(({ offs }) => offs)), unit: '/s' },
    floor: { what: 'create', value: median(left.map(({ creates }) => creates)) },
    goal: { text: '>= 0.7', holds: ratio >= 0.7 },
  });

  await settled('pages');
  const lean = '&attributes=userName,emails,active';
  const page = async (name: string, path: string): Promise<void> => {
    await times(WARM, () => get(path));
    within(name, median(await times(41, () => get(path))), 3, 'read');
  };
  const { totalResults } = (await get('/Users?count=0')) as unknown as { readonly totalResults: number };
  const end = totalResults - 99;
  for (const [what, more] of [
    ['', ''],
    [' without groups', lean],
  ] as const) {
    await page(`page of 100, first${what}`, `/Users?count=100${more}`);
    await page(`page of 100, last${what}`, `/Users?count=100&startIndex=${end}${more}`);
    await page(`page of 100 by name, last${what}`, `/Users?count=100&startIndex=${end}&sortBy=userName${more}`);
    await page(`page of 100 by cursor${what}`, `/Users?count=100&cursor${more}`);
  }

  await settled('members');
  const [large, small] = [groups.get(LARGE)!, groups.get(100)!];
  const joining = await spread(range(200), 16, (n) => client.user(`joins-${n}`));
  const moved = async (people: readonly string[]) => {
    const found: Record<'added' | 'removed', Map<string, number[]>> = { added: new Map(), removed: new Map() };
    for (const [what, act] of [
      ['added', (group: string, id: string) => client.add(group, id)],
      ['removed', (group: string, id: string) => client.remove(group, id)],
    ] as const)
      for (const id of people)
        for (const group of [small, large]) {
          const list = found[what].get(group) ?? [];
          found[what].set(group, [...list, ...(await times(1, () => act(group, id)))]);
        }
    return found;
  };
  await moved(joining);
  const found = await moved(joining);
  for (const what of ['added', 'removed'] as const) {
    const [few, many] = [median(found[what].get(small)!), median(found[what].get(large)!)];
    within(`a member ${what}, group of 100`, few, 1, 'write');
    within(`a member ${what}, group of 100,000`, many, 1, 'write');
    const flat = many / few;
    figures.push({ name: '  the same over a group of 100', value: flat, unit: 'x', goal: below(1.5, flat, '< 1.5') });
  }
  const many = (n: number) => client.add(small, ...people.slice(n * 256 + 200, n * 256 + 456));
  await times(20, many);
  const alone: number[] = [];
  for (const n of range(7)) {
    await idle(service);
    alone.push(...(await times(1, () => many(20 + n))));
  }
  within('PATCH with 256 members', median(alone), 10, 'write');

  await settled('PUT of 100,000 members');
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
  // Put into words before: the client that waits is in the same process as the one that sends.
  const bodies = range(5).map((n) => {
    const members = [...people.slice((n + 1) * 5), ...joining.slice(0, (n + 1) * 5)].map((value) => ({ value }));
    return JSON.stringify({ schemas, displayName: `seeded 0 of ${LARGE}`, members });
  });
  const puts: number[] = [];
  await beside('longest wait of others: five of these PUTs', async () => {
    puts.push(...(await times(5, (n) => client.send('PUT', `/Groups/${large}?attributes=displayName`, bodies[n]))));
  });
  within('PUT of 100,000 members changing ten', median(puts), 500, 'write');
  await idle(service);
  const members = people.map((value) => ({ value }));
  const everybody = JSON.stringify({ schemas, displayName: 'everybody', members });
  await beside('longest wait of others: a new group of 100,000', () =>
    client.send('POST', '/Groups?attributes=displayName', everybody),
  );
  await idle(service);
  await beside('longest wait of others: a GET of 100,000 members', () => client.drain(`/Groups/${large}`));

  await beside('longest wait of others: searches that no index answers', async () => {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];
    for (const text of ['title co "x"', 'not (title pr)', 'groups.display co "of 10"']) await get(filter(text));
    await get('/Users?sortBy=title&count=10');
    await get(`/Groups?excludedAttributes=members&filter=${encodeURIComponent('members.display co "x"')}`);
    await client.send('POST', '/.search', {
      schemas,
      ...{ filter: 'displayName pr or title pr', attributes: ['displayName'], count: 10 },
    });
  });

  await settled('mixed load');
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
  const p99 = (waits: readonly number[]): number => waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)]!;
  await mix(8_000);
  within('mixed load, 16 connections, p99', p99(await mix(8_000)), 15, 'write');
  if (minutes > 0) {
    const held: number[] = [];
    let waits: number[] = [];
    for (let minute = 1; minute <= minutes; minute++) {
      const end = performance.now() + 60_000;
      waits = [];
      while (performance.now() < end) waits.push(...(await mix(400)));
      held.push(service.memory());
      say(`${minute} min, ${started} requests, p99 ${p99(waits).toFixed(1)} ms`);
    }
    figures.push({ name: '  p99 of the last minute', value: p99(waits), unit: 'ms' });
    const [early, late] = [held[0]!, held.at(-1)!];
    figures.push({
      ...{ name: `memory after ${minutes} minutes of it`, value: late, unit: 'MB' },
      floor: { what: 'first minute', value: early },
      goal: { text: 'within 1.2 x', holds: late <= early * 1.2 },
    });
  }
  const memory = service.memory();
  figures.push({ name: 'memory after all that', value: memory, unit: 'MB', goal: below(300, memory, '< 300 MB') });
}
