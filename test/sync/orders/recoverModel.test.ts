import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newKeyFile, parseKeyFile } from '../../../src/config/keyFile.ts';
import { createLedger } from '../../../src/ledger/createLedger.ts';
import { recover } from '../../../src/sync/orders/recover.ts';
import type { SyncContext } from '../../../src/sync/state/context.ts';
import { SimulatedTime, seededRandom } from '../../sim/time.ts';
import { openTestStore } from '../../store/open.ts';

const ROLES = ['global:readers', 'item:pay:dev', 'item:ops', 'agent:linux', 'macro:none'];

const KINDS = [
  ...(['role.created', 'role.deleted', 'grant.added', 'grant.removed', 'leaver.progress'] as const),
  'ownership.disowned',
] as const;

interface Told {
  readonly kind: (typeof KINDS)[number];
  readonly controller: string;
  readonly role: string;
  readonly entry: 'user' | 'group' | 'either';
  readonly id: string | undefined;
}

const told: fc.Arbitrary<Told> = fc.record({
  kind: fc.constantFrom(...KINDS),
  controller: fc.constantFrom('ci', 'cd', 'gone'),
  role: fc.constantFrom(...ROLES),
  entry: fc.constantFrom('user', 'group', 'either'),
  id: fc.constantFrom('ana', 'Bo', 'a,b', undefined),
});

/** A role without its type, as `disown` names it. */
const nameOf = (role: string): string => role.slice(role.indexOf(':') + 1);

/** A record as `ledger export` writes it; without an id it was erased, or it is of the whole controller. */
function line({ kind, controller, role, entry, id }: Told, at: number): string {
  if (kind === 'ownership.disowned')
    return JSON.stringify({
      ...{ seq: at + 1, at: new Date(at).toISOString(), kind, subject: { kind: 'controller', id: controller } },
      body: { count: 1, ...(id === undefined ? {} : { role: nameOf(role) }) },
    });
  return JSON.stringify({
    ...{ seq: at + 1, at: new Date(at).toISOString(), kind, subject: { kind: 'user', id: `u-${id}` } },
    body: { controller, role, entry, reasons: [{ rule: 'r' }] },
    ...(id === undefined ? {} : { personal: { jenkinsId: id } }),
  });
}

test('recover owns every entry that was ever given on a known controller, and the roles that were made and not deleted since, but for what was disowned', async (t) => {
  const store = await openTestStore(t);
  const [clock, random] = [new SimulatedTime(), seededRandom()];
  const recorder = createLedger({ store, keys: parseKeyFile(newKeyFile(random.bytes)), clock, random });
  const config = { controllers: [{ name: 'ci' }, { name: 'cd' }] };
  const context = { store, recorder, clock, config } as unknown as SyncContext;
  await fc.assert(
    fc.asyncProperty(fc.array(told, { minLength: 1, maxLength: 30, size: 'max' }), async (all) => {
      await store.write(async ({ db }) => {
        for (const table of ['entries', 'owned_roles', 'controllers'] as const) await db.deleteFrom(table).execute();
      });
      const entries = new Set<string>();
      const roles = new Set<string>();
      for (const { kind, controller, role, entry, id } of all) {
        if (kind === 'ownership.disowned') {
          const isOf = (key: string): boolean => {
            const [at, of] = key.split(' ');
            return at === controller && (id === undefined || nameOf(of!) === nameOf(role));
          };
          for (const known of [entries, roles]) for (const key of known) if (isOf(key)) known.delete(key);
          continue;
        }
        if (controller === 'gone' || role.startsWith('macro:')) continue;
        if (kind === 'role.created') roles.add(`${controller} ${role}`);
        if (kind === 'role.deleted') roles.delete(`${controller} ${role}`);
        if (kind === 'grant.added' && id !== undefined) entries.add(`${controller} ${role} ${entry} ${id}`);
      }
      const lines = all.map(line);
      const found = await recover(context, lines);
      const stored = async () =>
        store.read(async (db) => {
          const owned = await db.selectFrom('entries').selectAll().where('standing', '=', 'owned').execute();
          const made = await db.selectFrom('owned_roles').selectAll().execute();
          return [
            owned
              .map((row) => `${row.controller} ${row.role_type}:${row.role_name} ${row.entry_type} ${row.sid}`)
              .sort(),
            made.map((row) => `${row.controller} ${row.role_type}:${row.role_name}`).sort(),
          ];
        });
      assert.deepEqual(await stored(), [[...entries].sort(), [...roles].sort()]);
      assert.equal(found.entries, entries.size);
      await recover(context, lines);
      assert.deepEqual(await stored(), [[...entries].sort(), [...roles].sort()], 'a second time changes nothing');
      const held = await store.read((db) => db.selectFrom('controllers').select(['name', 'on_hold']).execute());
      assert.deepEqual(held.map(({ name, on_hold }) => `${name} ${on_hold}`).sort(), ['cd 1', 'ci 1']);
    }),
    { numRuns: 60 },
  );
});
