import type { LedgerEvent } from '../../access/ports/recorder.ts';
import type { Transaction } from '../../access/ports/store.ts';
import { adoption } from '../../plan/adoption.ts';
import type { OwnedEntry } from '../../plan/plan.ts';
import type { EntriesTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import type { Assessment } from '../pass/assessment.ts';
import { ofRecord, operatorOf } from '../pass/outcome.ts';
import type { SyncContext } from '../state/context.ts';
import { partsOf, type Work, writeInParts } from '../state/parts.ts';
import { BY_HAND, entryName, putEntries } from '../state/storedEntries.ts';

/**
 * Takes over what policy explains on one controller (semantics §3): matched entries, and hand-made roles of a name that policy
 * defines. Nothing changes on Jenkins by this. Each is stored with its record, so that whatever comes between two parts, the next one
 * goes on with the rest.
 * @returns how many entries and roles were taken over
 */
export async function adopt(context: SyncContext, assessed: Assessment, role: string | undefined): Promise<number> {
  const { store, recorder } = context;
  const { controller, plan, evaluation, live } = assessed;
  const { roles, entries } = adoption({ controller, plan, desired: evaluation, ...live }, role);
  const event = { actor: operatorOf(context), subject: { kind: 'controller', id: controller.name } } as const;
  const body = { controller: controller.name };
  // A transaction may be done again: it says the same then.
  const taken = new Set<string>();
  const roleWorks = roles.map(
    ({ type, name }): Work => ({
      rows: 2,
      async run(tx) {
        const done = await tx.db
          .insertInto('owned_roles')
          .values({ controller: controller.name, role_type: type, role_name: name, empty_since_ms: null })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (done.numInsertedOrUpdatedRows !== 1n) return;
        taken.add(`${type}:${name}`);
        const role = live.observed.roles.find((known) => known.type === type && known.name === name);
        const definition = { permissions: role?.permissions ?? [], pattern: role?.pattern ?? '' };
        const told = { ...body, role: `${type}:${name}`, ...definition };
        await recorder.record(tx, { ...event, kind: 'role.adopted', body: told });
      },
    }),
  );
  const owned = { controller: controller.name, standing: 'owned' as const, since: BY_HAND, verified: 1, desired: 1 };
  const rowOf = ({ role, principal, person, reasons = [] }: OwnedEntry): EntriesTable => ({
    ...{ ...owned, ...entryName(role, principal), person: person ?? null, reasons: JSON.stringify(reasons) },
  });
  const recordOf = ({ role, principal, person, reasons = [] }: OwnedEntry): LedgerEvent => ({
    ...{ ...event, kind: 'grant.adopted' },
    ...(person === undefined ? {} : { subject: { kind: 'user', id: person } }),
    body: { ...body, role: `${role.type}:${role.name}`, entry: principal.type, reasons: reasons.map(ofRecord) },
    personal: { jenkinsId: principal.id },
  });
  const entryWorks = partsOf(entries).map(
    (part): Work => ({
      rows: part.length,
      async run(tx) {
        await putEntries(tx.db, part.map(rowOf));
        await recorder.recordAll(tx, part.map(recordOf));
      },
    }),
  );
  const count = (): number => taken.size + entries.length;
  const end: Work = {
    rows: 1,
    async run(tx) {
      if (count() > 0) await recordBoundary(context, tx, 'ownership.adopted', controller.name, role, count());
    },
  };
  // What stands in a role of ours is ours without a word: entries that are left are to be told when they are taken over, too.
  await writeInParts(store, [...entryWorks, ...roleWorks, end]);
  return count();
}

/** Names of roles that `adopt` can be asked for on a controller: those of the policy, and those that are there. */
export function adoptableRoles({ plan, evaluation, live }: Assessment): readonly string[] {
  const names = [...evaluation.roles, ...live.observed.roles, ...plan.matched.map((entry) => entry.role)];
  return [...new Set(names.map(({ name }) => name))];
}

/** Names of roles in which something is owned on these controllers. */
export async function ownedRoleNames(
  { store }: Pick<SyncContext, 'store'>,
  controllers: readonly string[],
): Promise<readonly string[]> {
  if (controllers.length === 0) return [];
  return store.read(async (db) => {
    const names = [];
    for (const table of ['entries', 'owned_roles'] as const) {
      const query = db.selectFrom(table).select(`${table}.role_name`).distinct();
      names.push(...(await query.where(`${table}.controller`, 'in', controllers).execute()));
    }
    return [...new Set(names.map(({ role_name }) => role_name))].sort();
  });
}

/** Lets go of what is owned on a controller, or in one role of it. @returns how many entries and roles were let go */
export async function disown(context: SyncContext, controller: string, role: string | undefined): Promise<number> {
  return context.store.write(async (tx) => {
    const entries = await tx.db
      .deleteFrom('entries')
      .where('controller', '=', controller)
      .$if(role !== undefined, (query) => query.where('role_name', '=', role!))
      .executeTakeFirst();
    const roles = await tx.db
      .deleteFrom('owned_roles')
      .where('controller', '=', controller)
      .$if(role !== undefined, (query) => query.where('role_name', '=', role!))
      .executeTakeFirst();
    const count = Number(entries.numDeletedRows + roles.numDeletedRows);
    if (count > 0) await recordBoundary(context, tx, 'ownership.disowned', controller, role, count);
    return count;
  });
}

/** Whether anything is stored of a controller, configured or not. */
export async function isKnownController({ store }: Pick<SyncContext, 'store'>, name: string): Promise<boolean> {
  return store.read(async (db) => {
    for (const table of ['controllers', 'debts', 'entries'] as const) {
      const column = table === 'controllers' ? ('controllers.name' as const) : (`${table}.controller` as const);
      const row = await db.selectFrom(table).select(column).where(column, '=', name).limit(1).executeTakeFirst();
      if (row !== undefined) return true;
    }
    return false;
  });
}

async function recordBoundary(
  context: SyncContext,
  tx: Transaction<Tables>,
  kind: string,
  controller: string,
  role: string | undefined,
  count: number,
): Promise<void> {
  await context.recorder.record(tx, {
    kind,
    actor: operatorOf(context),
    subject: { kind: 'controller', id: controller },
    body: { count, ...(role === undefined ? {} : { role }) },
  });
}
