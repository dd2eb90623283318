import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { extensions } from '../../src/config/extension.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import type { Caller } from '../../src/directory/directory.ts';
import { uniquePaths } from '../../src/directory/unique/uniquePaths.ts';
import { ScimError } from '../../src/errors.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import type { Attributes } from '../../src/scim/resource.ts';
import { configuredCatalogue } from '../../src/scim/schemas/configured.ts';
import { openStore } from '../../src/store/open.ts';
import { seededRandom } from '../sim/time.ts';
import { postgresMissing, temporaryDatabase } from './database.ts';

const skip = postgresMissing ?? false;
/** However slow the machine is, what is written together shares its commit. */
const STILL = { now: systemClock.now, monotonic: () => 0 };
const caller: Caller = { connection: 'okta', credential: 'cred', request: 'req' };
const X = 'urn:example:scim:badges:2.0:User';
const unique = uniquePaths(
  configuredCatalogue(extensions.parse({ [X]: { attributes: { badge: { uniqueness: 'server' } } } })),
);
const keys = parseKeyFile(newKeyFile(systemRandom.bytes));

async function replica(t: TestContext, url: string, sqls: string[]) {
  const observe = (text: string) => void sqls.push(text);
  const store = await openStore(url, { clock: STILL, timers: systemTimers, log: SILENT }, { observe });
  t.after(() => store.close());
  const recorder = createLedger({ store, keys, clock: systemClock, random: systemRandom });
  const directory = createDirectory({
    ...{ store, clock: systemClock, random: systemRandom, recorder, unique },
    wake: () => {},
  });
  return { store, recorder, directory };
}

/** What a request came to. */
interface Found {
  readonly label: string;
  readonly kind: string;
  readonly id: string;
  readonly ifMatch: string | undefined;
  readonly version?: number;
  readonly attributes?: Attributes;
  readonly error?: unknown;
}

const added = (attributes: Attributes): string[] =>
  String(attributes.displayName ?? '')
    .split(' ')
    .slice(1);
const refusedWith = ({ error }: Found, code: string): boolean => error instanceof ScimError && error.code === code;

test('postgres: changes that come together come out as if they had come one after another, through two replicas', {
  skip,
}, async (t) => {
  const url = await temporaryDatabase(t);
  const sqls: string[] = [];
  const replicas = [await replica(t, url, sqls), await replica(t, url, sqls)];
  const { store, recorder } = replicas[0]!;
  const random = seededRandom(Number(process.env.PROPERTY_SEED ?? 7));
  const pick = (most: number): number => (random.bytes(1)[0] ?? 0) % most;
  let changes = 0;
  let ids: string[] = [];
  for (let n = 0; n < 6; n++) {
    const person = { userName: `u${n}`, displayName: '', active: true };
    ids.push((await replicas[n % 2]!.directory.createUser(caller, person)).id);
    changes += 1;
  }
  const rows = async () => {
    const found = await store.read((db) => db.selectFrom('users').select(['id', 'version', 'document']).execute());
    return new Map(
      found.map(({ id, version, document }) => [id, { version, attributes: JSON.parse(document) as Attributes }]),
    );
  };
  let met = { outdated: 0, version: 0, taken: 0 };
  let before = await rows();
  for (let batch = 0; batch < 30; batch++) {
    sqls.length = 0;
    const requests = Array.from({ length: 8 + pick(30) }, async (_, n): Promise<Found> => {
      const { directory } = replicas[batch % 3 === 0 ? pick(2) : batch % 2]!;
      const label = `${batch}.${n}`;
      const id = ids[pick(batch % 2 === 0 ? 2 : ids.length)]!;
      const kind = ['add', 'add', 'match', 'rename', 'badge', 'throw', 'delete', 'create'][pick(n > 4 ? 8 : 6)]!;
      const ifMatch = kind === 'match' ? String(before.get(id)!.version) : undefined;
      const value = `v${pick(4)}`;
      const base = { label, kind, id, ifMatch };
      const change = (own: Attributes): Attributes => {
        if (kind === 'throw') throw new Error('thrown');
        const displayName = `${String(own.displayName ?? '')} ${label}`;
        if (kind === 'rename') return { ...own, displayName, userName: value };
        return kind === 'badge' ? { ...own, displayName, [X]: { badge: value } } : { ...own, displayName };
      };
      try {
        if (kind === 'create') {
          const made = await directory.createUser(caller, { userName: value, displayName: '', [X]: { badge: value } });
          return { ...base, id: made.id, version: made.version, attributes: made.attributes };
        }
        if (kind === 'delete') {
          await directory.deleteUser(caller, id);
          return base;
        }
        const { resource } = await directory.changeUser(
          caller,
          id,
          change,
          ifMatch === undefined ? undefined : { match: [ifMatch] },
        );
        return { ...base, version: resource.version, attributes: resource.attributes };
      } catch (error) {
        return { ...base, error };
      }
    });
    const found = await Promise.all(requests);
    const after = await rows();
    changes += found.filter(({ error }) => error === undefined).length;
    for (const one of found) {
      const { label, kind, id, error } = one;
      if (error === undefined) continue;
      if (kind === 'throw') {
        assert.ok(refusedWith(one, 'SCIM_NOT_FOUND') || (error as Error).message === 'thrown', `${label} ${error}`);
        continue;
      }
      assert.ok(error instanceof ScimError, `${label} ${kind} ${error}`);
      const gone = found.some((other) => other.kind === 'delete' && other.id === id && other.error === undefined);
      if (error.code === 'SCIM_NOT_FOUND') assert.ok(gone, label);
      else if (error.code === 'SCIM_VERSION') {
        met = { ...met, version: met.version + 1 };
        assert.equal(kind, 'match', label);
        assert.ok(
          found.some((other) => other.id === id && other.error === undefined && other !== one),
          label,
        );
      } else {
        met = { ...met, taken: met.taken + 1 };
        assert.equal(error.code, 'SCIM_UNIQUENESS', `${label} ${kind} ${error}`);
        assert.ok(['rename', 'badge', 'create'].includes(kind), label);
      }
    }
    for (const id of new Set([...before.keys(), ...after.keys()])) {
      const start = before.get(id);
      const stood = found
        .filter((one) => one.id === id && one.version !== undefined)
        .sort((a, b) => a.version! - b.version!);
      const names = start === undefined ? [] : added(start.attributes);
      for (const [at, { label, kind, version, attributes, ifMatch }] of stood.entries()) {
        assert.equal(version, (start?.version ?? 0) + at + 1, `${label} ${kind}: versions follow one another`);
        if (kind !== 'create') names.push(label);
        assert.deepEqual(added(attributes!), names, `${label} ${kind}: it stands on what came before it`);
        if (ifMatch !== undefined) assert.equal(version, Number(ifMatch) + 1, label);
      }
      const end = after.get(id);
      const removed = found.some((one) => one.id === id && one.kind === 'delete' && one.error === undefined);
      assert.equal(end === undefined, removed, `${id} ${batch}`);
      const last = stood.at(-1);
      if (end !== undefined && last !== undefined) {
        assert.equal(end.version, last.version);
        assert.deepEqual(end.attributes, last.attributes);
      }
    }
    const badges = [...after.values()].flatMap(({ attributes }) => {
      const { badge } = (attributes[X] ?? {}) as { readonly badge?: string };
      return badge === undefined ? [] : [badge];
    });
    assert.equal(new Set(badges).size, badges.length, 'a value belongs to one');
    met = {
      ...met,
      outdated: met.outdated + sqls.filter((text) => text.startsWith('select "version" from "users"')).length,
    };
    before = after;
    ids = [...after.keys()];
    while (ids.length < 6) {
      const person = { userName: `new${batch}.${ids.length}`, displayName: '', active: true };
      ids.push((await replicas[0]!.directory.createUser(caller, person)).id);
      changes += 1;
    }
    before = await rows();
  }
  const journal = await store.read((db) =>
    db
      .selectFrom('journal')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow(),
  );
  assert.equal(journal.n, changes, 'what was undone left nothing behind');
  assert.ok(met.outdated > 50 && met.version > 0 && met.taken > 0, JSON.stringify(met));
  await recorder.seal();
  assert.equal((await recorder.verify()).unsealed, 0);
});
