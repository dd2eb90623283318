import { z } from 'zod';
import { refuse } from '../../errors.ts';
import { type Doubt, recordsIn } from '../../ledger/exported.ts';
import type { EntriesTable, OwnedRolesTable } from '../../store/tables/sync.ts';
import { putOnHold } from '../lease/onHold.ts';
import { operatorOf } from '../pass/outcome.ts';
import type { SyncContext } from '../state/context.ts';
import { partsOf } from '../state/parts.ts';
import { BY_HAND } from '../state/storedEntries.ts';
import { forgetUses } from '../uses/useWatch.ts';

const line = z.looseObject({
  kind: z.string(),
  at: z.string(),
  subject: z.object({ kind: z.string(), id: z.string() }).nullable(),
  body: z.looseObject({
    controller: z.string().optional(),
    role: z.string().optional(),
    entry: z.enum(['user', 'group', 'either']).optional(),
    reasons: z.array(z.unknown()).optional(),
  }),
  personal: z.looseObject({ jenkinsId: z.string().optional() }).optional(),
});

/**
 * Rebuilds what is owned from an export of the ledger, after the database was lost (semantics §3). Ownership only grows until
 * somebody disowns it: what was removed since stays owned. Every controller is on hold until `resume`, because the directory is not the one of then.
 * @param lines NDJSON as `ledger export` writes it; records whose personal values were erased give no entry
 * @param doubted asked when all lines are read: what is first wrong in them, where somebody takes them all the same; it is recorded
 * @throws ScimError CLI_USAGE where a line is no record, or there is none
 */
export async function recover(
  context: SyncContext,
  lines: Iterable<string>,
  doubted: () => Doubt | undefined = () => undefined,
): Promise<{ readonly entries: number; readonly roles: number }> {
  const known = new Set(context.config.controllers.map(({ name }) => name));
  const owned = ownedBy(lines, known);
  const doubt = doubted();
  if (owned.records === 0) throw refuse('CLI_USAGE', { reason: 'the export holds no record of a ledger' });
  return context.store.write(async (tx) => {
    let entries = 0;
    let roles = 0;
    for (const part of partsOf([...owned.roles.values()])) {
      const insert = tx.db.insertInto('owned_roles').values(part);
      const done = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
      roles += Number(done.numInsertedOrUpdatedRows ?? 0n);
    }
    for (const part of partsOf([...owned.entries.values()])) {
      const insert = tx.db.insertInto('entries').values(part);
      const done = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
      entries += Number(done.numInsertedOrUpdatedRows ?? 0n);
    }
    await forgetUses(tx);
    await putOnHold(tx.db, [...known]);
    await context.recorder.record(tx, {
      kind: 'ownership.recovered',
      actor: operatorOf(context),
      body: {
        ...{ entries, roles, records: owned.records, controllers: [...known] },
        ...(doubt === undefined ? {} : { unproven: { ...doubt } }),
      },
    });
    return { entries, roles };
  });
}

interface Owned {
  /** How many records tell it. */
  readonly records: number;
  readonly roles: ReadonlyMap<string, OwnedRolesTable>;
  readonly entries: ReadonlyMap<string, EntriesTable>;
}

/** Records of an entry that is ours from then on: made, or taken over. */
const GIVEN: ReadonlySet<string> = new Set(['grant.added', 'grant.adopted']);

/** What records, in their order, leave as owned. */
function ownedBy(lines: Iterable<string>, controllers: ReadonlySet<string>): Owned {
  const roles = new Map<string, OwnedRolesTable>();
  const entries = new Map<string, EntriesTable>();
  let records = 0;
  for (const text of recordsIn(lines)) {
    records += 1;
    const { kind, at, subject, body, personal } = parsed(text, records);
    if (kind === 'ownership.disowned') {
      const isOf = (row: Pick<OwnedRolesTable, 'controller' | 'role_name'>): boolean =>
        row.controller === subject?.id && (body.role === undefined || row.role_name === body.role);
      for (const known of [roles, entries]) for (const [key, row] of known) if (isOf(row)) known.delete(key);
      continue;
    }
    const { controller, role, entry } = body;
    if (controller === undefined || role === undefined || !controllers.has(controller)) continue;
    const [type, ...rest] = role.split(':');
    if (type !== 'global' && type !== 'item' && type !== 'agent') continue;
    const where = { controller, role_type: type, role_name: rest.join(':') } as const;
    const key = `${controller}\u0000${role}`;
    if (kind === 'role.created' || kind === 'role.adopted') roles.set(key, { ...where, empty_since_ms: null });
    else if (kind === 'role.deleted') roles.delete(key);
    else if (GIVEN.has(kind) && entry !== undefined && personal?.jenkinsId !== undefined) {
      const name = `${key}\u0000${entry}\u0000${personal.jenkinsId}`;
      if (entries.has(name)) continue;
      entries.set(name, {
        ...{ ...where, entry_type: entry, sid: personal.jenkinsId, standing: 'owned' },
        since: kind === 'grant.added' ? at : BY_HAND,
        ...{ person: subject?.kind === 'user' ? subject.id : null, reasons: JSON.stringify(body.reasons ?? []) },
        ...{ verified: 1, desired: 0 },
      });
    }
  }
  return { records, roles, entries };
}

function parsed(text: string, place: number): z.output<typeof line> {
  try {
    return line.parse(JSON.parse(text));
  } catch (error) {
    throw refuse('CLI_USAGE', { reason: `line ${place} of the export is no record of a ledger` }, error);
  }
}
