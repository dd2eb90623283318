import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import type { Caller } from '../../src/directory/directory.ts';
import { DEFAULT_QUOTAS } from '../../src/directory/quotas/quotas.ts';
import { ScimError } from '../../src/errors.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { openStore } from '../../src/store/open.ts';
import { seededRandom } from '../sim/time.ts';
import { postgresMissing, temporaryDatabase } from './database.ts';

const skip = postgresMissing ?? false;
/** However slow the machine is, what is written together shares its commit. */
const STILL = { now: systemClock.now, monotonic: () => 0 };
const caller: Caller = { connection: 'okta', credential: 'cred', request: 'req' };
const EDGES = 9;

/** A change of a group that stood, with the version that it was answered with. */
interface Stood {
  readonly group: string;
  readonly version: number;
  readonly name: unknown;
}

test('postgres: members who come and go together leave what they would one after another, through two replicas', {
  skip,
}, async (t) => {
  const url = await temporaryDatabase(t);
  const keys = parseKeyFile(newKeyFile(systemRandom.bytes));
  const ahead: string[] = [];
  const replica = async () => {
    const observe = (text: string) => void (text.includes(' AS edge') && ahead.push(text));
    const store = await openStore(url, { clock: STILL, timers: systemTimers, log: SILENT }, { observe });
    t.after(() => store.close());
    const recorder = createLedger({ store, keys, clock: systemClock, random: systemRandom });
    const parts = { store, clock: systemClock, random: systemRandom, recorder, wake: () => {} };
    return {
      store,
      recorder,
      directory: createDirectory({ ...parts, quotas: () => ({ ...DEFAULT_QUOTAS, edges: EDGES }) }),
    };
  };
  const replicas = [await replica(), await replica()];
  const { store, recorder, directory } = replicas[0]!;
  const random = seededRandom(Number(process.env.PROPERTY_SEED ?? 11));
  const pick = (most: number): number => (random.bytes(1)[0] ?? 0) % most;
  let changes = 0;
  const groups: string[] = [];
  for (const displayName of ['one', 'two']) groups.push((await directory.createGroup(caller, { displayName }, [])).id);
  const nested = (await directory.createGroup(caller, { displayName: 'nested' }, [])).id;
  const people: string[] = [];
  const join = async (): Promise<void> => {
    people.push((await directory.createUser(caller, { userName: `u${changes}`, active: true })).id);
    changes += 1;
  };
  changes = 3;
  for (let n = 0; n < 8; n++) await join();
  const versions = new Map(groups.map((id) => [id, 1]));
  const met = new Map<string, number>();
  for (let batch = 0; batch < 40; batch++) {
    const found = await Promise.all(
      Array.from({ length: 8 + pick(30) }, async (_, n): Promise<Stood | { readonly gone: string } | undefined> => {
        const { directory } = replicas[batch % 3 === 0 ? pick(2) : batch % 2]!;
        const group = groups[pick(2)]!;
        const kind = ['add', 'add', 'remove', 'add', 'remove', 'rename', 'nested', 'nobody', 'delete'][
          pick(n > 6 ? 9 : 5)
        ]!;
        const id = kind === 'nested' ? nested : kind === 'nobody' ? 'nobody' : people[pick(people.length)]!;
        const change = (): Parameters<typeof directory.changeGroup>[2] => {
          if (kind === 'rename')
            return [{ op: 'attributes', change: () => ({ displayName: `${group} ${batch}.${n}` }) }];
          const comes = kind === 'add' || kind === 'nobody' || (kind === 'nested' && n % 2 === 0);
          return comes ? [{ op: 'add-members', members: [{ value: id }] }] : [{ op: 'remove-members', values: [id] }];
        };
        try {
          if (kind === 'delete') {
            await directory.deleteUser(caller, id);
            return { gone: id };
          }
          const { resource, changed } = await directory.changeGroup(caller, group, change());
          return changed ? { group, version: resource.version, name: resource.attributes.displayName } : undefined;
        } catch (error) {
          assert.ok(error instanceof ScimError, String(error));
          met.set(error.code, (met.get(error.code) ?? 0) + 1);
          return undefined;
        }
      }),
    );
    const stood = found.filter((one) => one !== undefined);
    changes += stood.length;
    for (const one of stood) if ('gone' in one) people.splice(people.indexOf(one.gone), 1);
    const rows = await store.read((db) =>
      db.selectFrom('groups').select(['id', 'version', 'member_count', 'display_name']).execute(),
    );
    const edges = await store.read((db) => db.selectFrom('members').select(['group_id', 'member_id']).execute());
    for (const { id, version, member_count, display_name } of rows) {
      assert.equal(member_count, edges.filter(({ group_id }) => group_id === id).length, 'members are counted');
      const own = stood
        .flatMap((one) => ('version' in one && one.group === id ? [one] : []))
        .sort((a, b) => a.version - b.version);
      assert.equal(new Set(own.map((one) => one.version)).size, own.length, 'each change has a version of its own');
      // Who is deleted leaves groups, each of which gets a version that nobody is told.
      if (!stood.some((one) => 'gone' in one) && versions.has(id))
        assert.deepEqual(
          own.map((one) => one.version),
          own.map((_, at) => versions.get(id)! + at + 1),
        );
      if (own.length > 0 && own.at(-1)!.version === version) assert.equal(own.at(-1)!.name, display_name);
      if (versions.has(id)) versions.set(id, version);
    }
    const counter = await store.read((db) =>
      db.selectFrom('counters').select('value').where('name', '=', 'edges:okta').executeTakeFirst(),
    );
    assert.equal(counter?.value ?? 0, edges.length, 'memberships are counted');
    assert.ok(edges.length <= EDGES);
    while (people.length < 8) await join();
  }
  const journal = await store.read((db) =>
    db
      .selectFrom('journal')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow(),
  );
  assert.equal(journal.n, changes, 'what was undone left nothing behind');
  const seen = new Map<string, Set<string>>(groups.map((id) => [id, new Set()]));
  await recorder.seal();
  for (const { kind, subject, body } of await recorder.records(1, 10_000)) {
    const { added = [], removed = [], groups: left = [] } = body as Record<string, string[]>;
    if (kind === 'scim.user.deleted') for (const group of left) seen.get(group)?.delete(subject!.id!);
    if (kind !== 'scim.group.members') continue;
    for (const id of added) seen.get(subject!.id!)!.add(id);
    for (const id of removed) seen.get(subject!.id!)!.delete(id);
  }
  const edges = await store.read((db) => db.selectFrom('members').select(['group_id', 'member_id']).execute());
  for (const group of groups) {
    const own = edges.filter(({ group_id }) => group_id === group).map(({ member_id }) => member_id);
    assert.deepEqual([...seen.get(group)!].sort(), own.sort(), 'the ledger tells who is in it');
  }
  assert.ok(ahead.length > 50, 'most were looked at ahead');
  for (const code of ['SCIM_QUOTA', 'SCIM_MEMBERS']) assert.ok(met.has(code), code);
});
