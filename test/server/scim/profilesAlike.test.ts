import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PROFILES } from '../../../src/config/connection.ts';
import { type Client, G, P, scimWorld, U } from './world.ts';

const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const n = fc.nat({ max: 5 });
const few = fc.array(n, { maxLength: 3 });
const NAMES = ['ana', 'bo', 'Cy', 'dee', 'eve', 'ANA'];
const TEAMS = ['ci-dev', 'ops', 'Ops', 'crew'];

/** What every profile takes as it is written; numbers choose among what there is by then. */
const said = fc.oneof(
  fc.record({
    do: fc.constant('person' as const),
    who: n,
    external: n,
    active: fc.constantFrom(true, true, false, undefined),
  }),
  fc.record({
    do: fc.constant('put person' as const),
    at: n,
    who: n,
    external: n,
    active: fc.constantFrom(true, false, undefined),
  }),
  fc.record({ do: fc.constant('active' as const), at: n, to: fc.boolean() }),
  fc.record({ do: fc.constant('called' as const), at: n, who: n }),
  fc.record({ do: fc.constant('delete person' as const), at: n }),
  fc.record({ do: fc.constant('team' as const), who: n, members: few }),
  fc.record({ do: fc.constant('put team' as const), at: n, who: n, members: few }),
  fc.record({ do: fc.constant('join' as const), at: n, members: few }),
  fc.record({ do: fc.constant('leave' as const), at: n, member: n }),
  fc.record({ do: fc.constant('members are' as const), at: n, members: few }),
  fc.record({ do: fc.constant('nobody' as const), at: n }),
  fc.record({ do: fc.constant('rename team' as const), at: n, who: n }),
  fc.record({ do: fc.constant('delete team' as const), at: n }),
);
type Said = typeof said extends fc.Arbitrary<infer T> ? T : never;
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly data?: object;
}

/** Who there is, in the order in which they came. */
class Session {
  readonly #client: Client;
  readonly #people: string[] = [];
  readonly #teams: string[] = [];

  constructor(client: Client) {
    this.#client = client;
  }

  /** @returns the status */
  async take(one: Said, inBulk: boolean): Promise<number> {
    const { method, path, data } = this.#sent(one);
    if (!inBulk) {
      const { status, body } = await this.#client.send(method, path, data);
      this.#made(path, status, body?.id);
      return status === 204 ? 200 : status;
    }
    const Operations = [
      { method, path, ...(method === 'POST' ? { bulkId: 'new' } : {}), ...(data === undefined ? {} : { data }) },
    ];
    const { body } = await this.#client.post('/Bulk', { schemas: [BULK], Operations });
    const [{ status, location }] = body.Operations;
    this.#made(path, Number(status), location?.split('/').pop());
    return Number(status) === 204 ? 200 : Number(status);
  }

  /** People with what they are, groups with who is in them; places in the place of ids. */
  async state(): Promise<unknown> {
    const all = async (path: string) =>
      (await this.#client.get(`${path}?count=100`)).body.Resources as Record<string, unknown>[];
    const place = (id: unknown) => [...this.#people, ...this.#teams].indexOf(String(id));
    const people = (await all('/Users')).map(({ id, userName, externalId, active }) => [
      this.#people.indexOf(String(id)),
      userName,
      externalId,
      active,
    ]);
    const teams = (await all('/Groups')).map(({ id, displayName, members = [] }) => [
      this.#teams.indexOf(String(id)),
      displayName,
      (members as { value: string }[]).map(({ value }) => place(value)).sort(),
    ]);
    return { people: people.sort(), teams: teams.sort() };
  }

  #made(path: string, status: number, id: string | undefined): void {
    if (status === 201) (path === '/Users' ? this.#people : this.#teams).push(id!);
  }

  #person = (at: number): string => this.#people[at % Math.max(1, this.#people.length)] ?? 'nobody';
  #team = (at: number): string => this.#teams[at % Math.max(1, this.#teams.length)] ?? 'nobody';
  #members = (list: readonly number[]) =>
    [...new Set(list.map(this.#person))].filter((id) => id !== 'nobody').map((value) => ({ value }));

  #sent(one: Said): Sent {
    const patch = (...Operations: object[]) => ({ schemas: [P], Operations });
    switch (one.do) {
      case 'person':
      case 'put person': {
        const data = {
          schemas: [U],
          userName: NAMES[one.who]!,
          ...(one.external < 3 ? { externalId: `e${one.external}` } : {}),
          ...(one.active === undefined ? {} : { active: one.active }),
        };
        return one.do === 'person'
          ? { method: 'POST', path: '/Users', data }
          : { method: 'PUT', path: `/Users/${this.#person(one.at)}`, data };
      }
      case 'active':
        return {
          method: 'PATCH',
          path: `/Users/${this.#person(one.at)}`,
          data: patch({ op: 'replace', path: 'active', value: one.to }),
        };
      case 'called':
        return {
          method: 'PATCH',
          path: `/Users/${this.#person(one.at)}`,
          data: patch({ op: 'replace', path: 'userName', value: NAMES[one.who]! }),
        };
      case 'delete person':
        return { method: 'DELETE', path: `/Users/${this.#person(one.at)}` };
      case 'team':
      case 'put team': {
        const data = { schemas: [G], displayName: TEAMS[one.who % TEAMS.length]!, members: this.#members(one.members) };
        return one.do === 'team'
          ? { method: 'POST', path: '/Groups', data }
          : { method: 'PUT', path: `/Groups/${this.#team(one.at)}`, data };
      }
      case 'join':
      case 'members are': {
        const value = this.#members(one.members);
        return {
          method: 'PATCH',
          path: `/Groups/${this.#team(one.at)}`,
          data: patch({ op: one.do === 'join' ? 'add' : 'replace', path: 'members', value }),
        };
      }
      case 'leave':
        return {
          method: 'PATCH',
          path: `/Groups/${this.#team(one.at)}`,
          data: patch({ op: 'remove', path: `members[value eq "${this.#person(one.member)}"]` }),
        };
      case 'nobody':
        return {
          method: 'PATCH',
          path: `/Groups/${this.#team(one.at)}`,
          data: patch({ op: 'remove', path: 'members' }),
        };
      case 'rename team':
        return {
          method: 'PATCH',
          path: `/Groups/${this.#team(one.at)}`,
          data: patch({ op: 'replace', path: 'displayName', value: TEAMS[one.who % TEAMS.length]! }),
        };
      case 'delete team':
        return { method: 'DELETE', path: `/Groups/${this.#team(one.at)}` };
    }
  }
}

test('the same session of an identity provider ends in the same people and members, whatever the profile', async () => {
  const session = fc.array(fc.tuple(said, fc.constantFrom(false, false, true)), {
    minLength: 5,
    maxLength: 25,
    size: 'max',
  });
  await fc.assert(
    fc.asyncProperty(session, async (list) => {
      const after: (() => unknown)[] = [];
      try {
        const world = await scimWorld({ after: (run: () => unknown) => void after.unshift(run) } as never);
        const sessions = PROFILES.map((profile) => new Session(world.as(profile)));
        for (const [one, inBulk] of list) {
          const statuses: number[] = [];
          for (const each of sessions) statuses.push(await each.take(one, inBulk));
          assert.deepEqual(
            statuses,
            PROFILES.map(() => statuses[0]),
            JSON.stringify(one),
          );
        }
        const [first, ...others] = await Promise.all(sessions.map((each) => each.state()));
        for (const other of others) assert.deepEqual(other, first);
      } finally {
        for (const run of after) await run();
      }
    }),
    { numRuns: Number(process.env.PROFILES_SESSIONS ?? 15) },
  );
});
