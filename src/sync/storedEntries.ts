import type { Kysely } from 'kysely';
import type { Principal } from '../access/principal.ts';
import type { Reason } from '../access/reason.ts';
import type { RoleKey } from '../access/role.ts';
import type { Tables } from '../store/tables.ts';
import type { Assessment } from './assess.ts';
import { principalOf, roleOf } from './rows.ts';

type Db = Kysely<Tables>;

/** Names an entry byte for byte. */
export function entryKey(role: RoleKey, { type, id }: Principal): string {
  return `${role.type}\u0000${role.name}\u0000${type}\u0000${id}`;
}

/** Ownership of what is about to be granted, what was found satisfied, and the reasons that carry each entry now. */
export async function storeEntries(db: Db, assessed: Assessment, at: string): Promise<void> {
  const { controller, evaluation, identities, plan, situation, verdict } = assessed;
  const reasons = new Map<string, readonly Reason[]>();
  for (const grant of [...evaluation.grants, ...evaluation.frozen]) {
    const identity = grant.person === undefined ? undefined : identities.people.get(grant.person);
    const id = grant.principal ?? (identity !== undefined && 'id' in identity ? identity.id : undefined);
    if (id !== undefined) reasons.set(entryKey(grant.role, { type: 'user', id }), grant.reasons);
  }
  const rows = [
    ...verdict.go.flatMap((step) =>
      step.kind === 'grant' ? [{ entry: step, standing: 'owned' as const, there: 0 }] : [],
    ),
    ...plan.owned.map((entry) => ({ entry, standing: 'owned' as const, there: 1 })),
    ...plan.matched.map((entry) => ({ entry, standing: 'matched' as const, there: 1 })),
  ];
  const written = new Set<string>();
  for (const { entry, standing, there } of rows) {
    const { role, principal, person } = entry;
    const key = entryKey(role, principal);
    written.add(key);
    const carried = JSON.stringify(reasons.get(key) ?? entry.reasons ?? []);
    const values = { standing, person: person ?? null, reasons: carried, verified: there, desired: 1 };
    await db
      .insertInto('entries')
      .values({
        controller: controller.name,
        role_type: role.type,
        role_name: role.name,
        entry_type: principal.type,
        sid: principal.id,
        since: at,
        ...values,
      })
      .onConflict((conflict) =>
        conflict.columns(['controller', 'role_type', 'role_name', 'entry_type', 'sid']).doUpdateSet(values),
      )
      .execute();
  }
  for (const row of situation.entries) {
    const key = entryKey(roleOf(row), principalOf(row));
    if (written.has(key) || situation.except.has(row.person ?? '')) continue;
    const carried = reasons.get(key);
    const text = carried === undefined ? row.reasons : JSON.stringify(carried);
    const desired = carried === undefined ? 0 : 1;
    if (text === row.reasons && desired === row.desired) continue;
    await entryAt(db, controller.name, key).set({ reasons: text, desired }).execute();
  }
}

/** An update of one entry. */
export function entryAt(db: Db, controller: string, key: string) {
  const [type, name, kind, ...sid] = key.split('\u0000');
  return db
    .updateTable('entries')
    .where('controller', '=', controller)
    .where('role_type', '=', type as RoleKey['type'])
    .where('role_name', '=', name!)
    .where('entry_type', '=', kind as Principal['type'])
    .where('sid', '=', sid.join('\u0000'));
}
