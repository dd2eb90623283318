import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { PROFILES, type Profile } from '../../src/config/connection.ts';
import { extensions } from '../../src/config/extension.ts';
import { SCIM_SCOPES } from '../../src/credentials/credentials.ts';
import { configuredCatalogue } from '../../src/scim/schemas/configured.ts';
import { type Json, type ScimWorld, scimWorld } from '../server/scim/world.ts';
import { EXTENSION } from './corpus.ts';
import type { Shot } from './requests.ts';
import { differing, orphans, type Snapshot, snapshot } from './snapshot.ts';

/** Live resources of a connection, for the places in a request. */
interface Live {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

interface Sent {
  readonly shot: Shot;
  readonly url: string;
  readonly answer: LightMyRequestResponse;
}

const CATALOGUE = configuredCatalogue(extensions.parse(EXTENSION));

/** Fewest and most resources of a kind in a connection: enough to be hit, few enough to be looked at after each volley. */
const FEWEST = 4;
const MOST = 24;

/** The real service over the real directory, shot at in volleys; after each one everything that is stored is looked at. */
export class Arena {
  readonly #world: ScimWorld;
  #before: Snapshot;
  #journal = 0;
  #live = new Map<Profile, Live>();
  #made = 0;
  /** Answers by status, for the report. */
  readonly statuses = new Map<number, number>();

  private constructor(world: ScimWorld, before: Snapshot) {
    this.#world = world;
    this.#before = before;
  }

  static async open(t: Pick<TestContext, 'after'>): Promise<Arena> {
    const world = await scimWorld(t as TestContext, { body: 256 * 1024 }, CATALOGUE);
    const arena = new Arena(world, await snapshot(world.store));
    await arena.#tend();
    return arena;
  }

  /** Sends all at once and judges answers and database. @throws AssertionError that shows the request at fault */
  async volley(shots: readonly Shot[]): Promise<void> {
    const sent = await Promise.all(shots.map((shot) => this.#send(shot)));
    for (const item of sent) {
      this.statuses.set(item.answer.statusCode, (this.statuses.get(item.answer.statusCode) ?? 0) + 1);
      judgeAnswer(item);
    }
    assert.deepEqual(Object.keys(Object.prototype), [], 'the prototype of all objects is as it was');
    const written = sent.filter(wrote);
    if (await this.#committed(written, sent)) await this.#judgeStored(written, sent);
    this.#world.statements();
    this.#world.events.length = 0;
    this.#world.lines.length = 0;
  }

  /** What no row may be, whatever was sent. */
  async sound(): Promise<void> {
    assert.deepEqual(await orphans(this.#world.store), []);
  }

  async #send(shot: Shot): Promise<Sent> {
    const live = this.#live.get(shot.profile)!;
    const target = requestTarget(placed(Buffer.from(shot.path, 'latin1'), live).toString('latin1'));
    // As the service is told it: whoever injects a request takes `..` out of its address.
    const { pathname, search } = new URL(`/scim/v2${target}`, 'http://localhost');
    const url = pathname + search;
    const answer = await this.#world.app.inject({
      method: shot.method as NonNullable<InjectOptions['method']>,
      url,
      headers: {
        authorization: `Bearer ${shot.profile} ${SCIM_SCOPES.join(',')}`,
        ...(shot.body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        ...shot.headers,
      },
      ...(shot.body === undefined ? {} : { payload: placed(shot.body, live) }),
    });
    return { shot, url, answer };
  }

  /** Whether anything was committed since the last volley; what was has to belong to a request that was answered with 2xx. */
  async #committed(written: readonly Sent[], sent: readonly Sent[]): Promise<boolean> {
    const requests = new Map(written.map((item) => [String(item.answer.headers['x-request-id']), places(item)]));
    const rows = await this.#world.store.read((db) =>
      db
        .selectFrom('journal')
        .select(['seq', 'request', 'kind'])
        .where('seq', '>', this.#journal)
        .orderBy('seq')
        .execute(),
    );
    for (const { seq, request, kind } of rows) {
      // An operation of a Bulk has the id of its request and its place.
      const [id = '', place] = (request ?? '').split(':');
      const found = requests.get(id);
      assert.ok(
        found !== undefined && (place === undefined || found > 0),
        `${kind} was committed for a request that was refused:\n${sent
          .filter(({ answer }) => answer.headers['x-request-id'] === id)
          .map(shown)
          .join('\n')}`,
      );
      this.#journal = seq;
    }
    for (const [id, succeeded] of requests) {
      const committed = new Set(rows.map(({ request }) => request ?? '').filter((text) => text.startsWith(`${id}:`)));
      assert.ok(committed.size <= succeeded, `more operations of a Bulk were committed than succeeded: ${id}`);
    }
    return rows.length > 0 || this.#made === 0;
  }

  async #judgeStored(written: readonly Sent[], sent: readonly Sent[]): Promise<void> {
    const after = await snapshot(this.#world.store);
    const allowed = new Set(written.map(target));
    const gone = new Set(
      written.filter(({ shot }) => shot.method === 'DELETE').map((item) => target(item).split(' ')[1]!),
    );
    const bulk = written.some(({ url }) => isBulk(url));
    for (const key of bulk ? [] : differing(this.#before, after)) {
      if (allowed.has(key)) continue;
      const lost = [...(this.#before.members.get(key.replace('group ', '')) ?? [])].some((member) => gone.has(member));
      const joined = [...gone].length > 0 && key.startsWith('group ');
      assert.ok(
        lost || joined,
        `${key} was changed, and no 2xx says so:\n${this.#before.resources.get(key)}\n${after.resources.get(key)}\n${sent.map(shown).join('\n')}`,
      );
    }
    this.#before = after;
    await this.#tend();
  }

  /** Keeps some resources of each kind in each connection. */
  async #tend(): Promise<void> {
    const { store } = this.#world;
    const read = async (): Promise<void> => {
      const rows = await store.read(async (db) => ({
        users: await db.selectFrom('users').select(['id', 'connection']).orderBy('created_at').orderBy('id').execute(),
        groups: await db
          .selectFrom('groups')
          .select(['id', 'connection'])
          .orderBy('created_at')
          .orderBy('id')
          .execute(),
      }));
      const of = (list: readonly { id: string; connection: string }[], profile: Profile) =>
        list.filter(({ connection }) => connection === profile).map(({ id }) => id);
      for (const profile of PROFILES)
        this.#live.set(profile, { users: of(rows.users, profile), groups: of(rows.groups, profile) });
    };
    await read();
    let touched = this.#made === 0;
    for (const profile of PROFILES) {
      const client = this.#world.as(profile);
      const { users, groups } = this.#live.get(profile)!;
      for (let left = FEWEST - users.length; left > 0; left--)
        await client.user(`tended-${this.#made++}`, { active: true });
      for (let left = FEWEST - groups.length; left > 0; left--) await client.group(`tended-${this.#made++}`);
      for (const id of users.slice(MOST)) assert.equal((await client.delete(`/Users/${id}`)).status, 204);
      for (const id of groups.slice(MOST)) assert.equal((await client.delete(`/Groups/${id}`)).status, 204);
      touched ||= users.length < FEWEST || groups.length < FEWEST || users.length > MOST || groups.length > MOST;
    }
    if (!touched) return;
    await read();
    this.#before = await snapshot(store);
    const last = await store.read((db) =>
      db.selectFrom('journal').select('seq').orderBy('seq', 'desc').limit(1).execute(),
    );
    this.#journal = last[0]?.seq ?? 0;
  }
}

const PLACE = /@([ug])(\d)@/g;

/** Puts live ids into their places; other bytes stay as they are. */
function placed(bytes: Buffer, live: Live): Buffer {
  const text = bytes.toString('latin1');
  if (!text.includes('@')) return bytes;
  const filled = text.replace(PLACE, (_place, kind: string, number: string) => {
    const ids = kind === 'u' ? live.users : live.groups;
    return ids[Number(number) % ids.length] ?? 'nobody';
  });
  return Buffer.from(filled, 'latin1');
}

/** A request line holds printable ASCII without spaces; other bytes come percent-encoded. */
function requestTarget(text: string): string {
  return text.replace(/[^\x21-\x7e]|#/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function judgeAnswer(item: Sent): void {
  const { statusCode: status, headers, body } = item.answer;
  const unsupported = status === 501 && /^\/scim\/v2\/+(Me|Bulk)\b/i.test(item.url);
  assert.ok(status >= 200 && (status < 500 || unsupported), shown(item));
  assert.equal(typeof headers['x-request-id'], 'string', shown(item));
  if (body === '' || item.shot.method === 'HEAD') {
    assert.ok([204, 304].includes(status) || item.shot.method === 'HEAD', `no body: ${shown(item)}`);
    return;
  }
  assert.match(String(headers['content-type']), /^application\/(scim\+)?json; charset=utf-8$/, shown(item));
  const document = JSON.parse(body) as Json;
  if (status < 400) {
    for (const operation of bulkOperations(item)) assert.ok(Number(operation.status) < 500, shown(item));
    return;
  }
  // Outside /scim/v2 an error is small JSON: no such address, or one that cannot be read. `..` leads there.
  const inside = /^\/scim\/v2(\/|\?|$)/.test(item.url);
  if ('error' in document) assert.ok([400, 404].includes(status) && !inside, shown(item));
  else assert.deepEqual([document.status, typeof document.detail], [String(status), 'string'], shown(item));
}

function wrote({ shot, url, answer }: Sent): boolean {
  if (answer.statusCode >= 300 || shot.method === 'GET') return false;
  return !/\/\.search$/.test(decoded(url.replace(/\?.*$/s, '')));
}

/** How many operations of a Bulk succeeded; none where it is no Bulk. */
function places(item: Sent): number {
  return bulkOperations(item).filter(({ status }) => Number(status) < 300).length;
}

function bulkOperations({ url, answer }: Sent): readonly { readonly status: string }[] {
  if (!isBulk(url) || answer.statusCode !== 200) return [];
  return (JSON.parse(answer.body) as Json).Operations ?? [];
}

function isBulk(url: string): boolean {
  return /^\/scim\/v2\/Bulk\b/i.test(url);
}

/** The resource that a write that succeeded is about, as a key of a snapshot. */
function target({ url, answer }: Sent): string {
  const [, endpoint, id] = /\/(Users|Groups)(?:\/([^/?]+))?/.exec(decoded(url.replace(/\?.*$/s, ''))) ?? [];
  const kind = endpoint === 'Groups' ? 'group' : 'user';
  return `${kind} ${answer.statusCode === 201 ? (JSON.parse(answer.body) as Json).id : id}`;
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function shown({ shot, url, answer }: Sent): string {
  const headers = Object.keys(shot.headers).length === 0 ? '' : ` ${JSON.stringify(shot.headers)}`;
  const sent = shot.body === undefined ? '' : `\n  ${JSON.stringify(shot.body.toString('latin1'))}`;
  return `${shot.profile} ${shot.method} ${url}${headers}${sent}\n  -> ${answer.statusCode} ${answer.body.slice(0, 400)}`;
}
