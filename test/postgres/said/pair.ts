import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { InjectOptions } from 'fastify';
import { sql } from 'kysely';
import type { Profile } from '../../../src/config/connection.ts';
import { SCIM_SCOPES } from '../../../src/credentials/credentials.ts';
import type { Catalogue } from '../../../src/scim/schemas/catalogue.ts';
import type { Shot } from '../../fuzz/requests.ts';
import { type ScimWorld, scimWorld } from '../../server/scim/world.ts';
import { openOn } from '../../store/open.ts';
import { lend } from '../lending.ts';

/** What a client and the next one to ask can tell of a request. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Everything that the directory keeps. Numbers of a sequence count for their order: a server skips those of what was undone. */
const TABLES: Readonly<Record<string, string>> = {
  users: 'id',
  user_emails: 'user_id, value, type, is_primary',
  user_roles: 'user_id, value, display',
  groups: 'id',
  members: 'group_id, member_id',
  tombstones: 'id',
  journal: 'seq',
  dirty: 'kind, id',
  counters: 'name',
  unique_values: 'connection, path, value_hash',
};

/** The same service twice, over a file and over a server: same ids, same clock, so that every letter of an answer has to be the same. */
export class Pair {
  readonly #worlds: readonly ScimWorld[];
  /** The newest `nextCursor` of each connection. */
  readonly #cursors = new Map<Profile, string>();
  readonly statuses = new Map<number, number>();

  private constructor(worlds: readonly ScimWorld[]) {
    this.#worlds = worlds;
  }

  /** Every store that is opened after it is on the server. */
  static async open(t: TestContext, catalogue: Catalogue): Promise<Pair> {
    const file = await scimWorld(t, { body: 256 * 1024, filterLength: 20_000 }, catalogue);
    openOn(lend);
    return new Pair([file, await scimWorld(t, { body: 256 * 1024, filterLength: 20_000 }, catalogue)]);
  }

  /** A list that goes on is read on. */
  async send(shot: Shot, pages = 0): Promise<Answer> {
    const live = await this.#live(shot.profile);
    const filled = (bytes: Buffer): Buffer =>
      Buffer.from(
        bytes.toString('latin1').replace(/@([ugcm])(\d)@/g, (_, kind: string, number: string) => {
          const list = { ...live, c: [this.#cursors.get(shot.profile) ?? ''] }[kind as 'u' | 'g' | 'm' | 'c'];
          return list[Number(number) % list.length] ?? 'nobody';
        }),
        'latin1',
      );
    const target = filled(Buffer.from(shot.path, 'latin1'))
      .toString('latin1')
      .replace(/[^\x21-\x7e]|#/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
    const { pathname, search } = new URL(`/scim/v2${target}`, 'http://localhost');
    const request: InjectOptions = {
      method: shot.method as NonNullable<InjectOptions['method']>,
      url: pathname + search,
      headers: {
        authorization: `Bearer ${shot.profile} ${SCIM_SCOPES.join(',')}`,
        ...(shot.body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        ...shot.headers,
      },
      ...(shot.body === undefined ? {} : { payload: filled(shot.body) }),
    };
    const [file, server] = await Promise.all(this.#worlds.map((world) => answerOf(world, request)));
    assert.deepEqual(server, file, `${shot.profile} ${shown(request)}`);
    const next = /"nextCursor":"([^"]+)"/.exec(file!.text)?.[1];
    if (next !== undefined) {
      this.#cursors.set(shot.profile, next);
      const path = shot.path.replace(/([?&]cursor=)[^&]*/, `$1${next}`);
      if (path !== shot.path && pages < 4) await this.send({ ...shot, path }, pages + 1);
    }
    this.statuses.set(file!.status, (this.statuses.get(file!.status) ?? 0) + 1);
    return file!;
  }

  /** What is stored, and what was recorded. */
  async alike(about: string): Promise<void> {
    const [file, server] = await Promise.all(
      this.#worlds.map(async ({ store, events }) => {
        const tables = Object.entries(TABLES).map(async ([name, order]) => {
          const { rows } = await store.read((db) =>
            sql<{ seq?: number }>`SELECT * FROM ${sql.table(name)} ORDER BY ${sql.raw(order)}`.execute(db),
          );
          const kept = rows.map(({ seq: _, ...row }) => JSON.stringify(row));
          return [name, order === 'seq' ? kept : kept.sort()] as const;
        });
        return { ...Object.fromEntries(await Promise.all(tables)), events: events.splice(0) };
      }),
    );
    assert.deepEqual(server, file, about);
  }

  async #live(profile: Profile): Promise<Readonly<Record<'u' | 'g' | 'm', readonly string[]>>> {
    return this.#worlds[0]!.store.read(async (db) => {
      const of = async (table: 'users' | 'groups') => {
        const rows = db.selectFrom(table).select(['id', 'modified_at']).where('connection', '=', profile);
        return rows.orderBy('created_at').orderBy('id').execute();
      };
      const [users, groups] = [await of('users'), await of('groups')];
      const m = [...users, ...groups].map(({ modified_at }) => modified_at).sort();
      return { u: users.map(({ id }) => id), g: groups.map(({ id }) => id), m };
    });
  }
}

async function answerOf({ app }: ScimWorld, request: InjectOptions): Promise<Answer> {
  const { statusCode, headers, body } = await app.inject(request);
  const { date: _, ...rest } = headers;
  return { status: statusCode, headers: { ...rest }, text: body };
}

function shown({ method, url, payload }: InjectOptions): string {
  return `${method} ${url} ${payload === undefined ? '' : JSON.stringify(String(payload))}`;
}
