import { z } from 'zod';
import { refuse } from '../errors.ts';
import { type Doubt, recordsIn } from '../ledger/exported.ts';
import type { SyncContext } from './context.ts';
import { operatorOf } from './outcome.ts';
import { forgetUses } from './useWatch.ts';

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
 * Rebuilds what is owned from an export of the ledger, after the database was lost (semantics §3). Ownership only grows: what was
 * removed since stays owned. Every controller is on hold until `resume`, because the directory is not the one of then.
 * @param lines NDJSON as `ledger export` writes it; records whose personal values were erased give no entry
 * @param doubt what is first wrong in it, where somebody takes it all the same; it is recorded
 * @throws ScimError CLI_USAGE where a line is no record, or there is none
 */
export async function recover(
  context: SyncContext,
  lines: readonly string[],
  doubt?: Doubt,
): Promise<{ readonly entries: number; readonly roles: number }> {
  const records = recordsIn(lines).map(parsed);
  if (records.length === 0) throw refuse('CLI_USAGE', { reason: 'the export holds no record of a ledger' });
  const known = new Set(context.config.controllers.map(({ name }) => name));
  return context.store.write(async (tx) => {
    let entries = 0;
    let roles = 0;
    for (const { kind, at, subject, body, personal } of records) {
      const { controller, role, entry } = body;
      if (controller === undefined || role === undefined || !known.has(controller)) continue;
      const [type, ...rest] = role.split(':');
      if (type !== 'global' && type !== 'item' && type !== 'agent') continue;
      const where = { controller, role_type: type, role_name: rest.join(':') } as const;
      if (kind === 'role.created') {
        const done = await tx.db
          .insertInto('owned_roles')
          .values({ ...where, empty_since_ms: null })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        roles += Number(done.numInsertedOrUpdatedRows ?? 0n);
      } else if (kind === 'role.deleted')
        await tx.db
          .deleteFrom('owned_roles')
          .where('controller', '=', controller)
          .where('role_type', '=', type)
          .where('role_name', '=', where.role_name)
          .execute();
      else if (kind === 'grant.added' && entry !== undefined && personal?.jenkinsId !== undefined) {
        const person = subject?.kind === 'user' ? subject.id : null;
        const values = { standing: 'owned' as const, reasons: JSON.stringify(body.reasons ?? []), desired: 0 };
        const done = await tx.db
          .insertInto('entries')
          .values({ ...where, entry_type: entry, sid: personal.jenkinsId, person, since: at, verified: 1, ...values })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        entries += Number(done.numInsertedOrUpdatedRows ?? 0n);
      }
    }
    await forgetUses(tx);
    for (const name of known)
      await tx.db
        .insertInto('controllers')
        .values({ name, paused: 0, on_hold: 1 })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ on_hold: 1 }))
        .execute();
    await context.recorder.record(tx, {
      kind: 'ownership.recovered',
      actor: operatorOf(context),
      body: {
        ...{ entries, roles, records: records.length, controllers: [...known] },
        ...(doubt === undefined ? {} : { unproven: { ...doubt } }),
      },
    });
    return { entries, roles };
  });
}

function parsed(text: string, index: number): z.output<typeof line> {
  try {
    return line.parse(JSON.parse(text));
  } catch (error) {
    throw refuse('CLI_USAGE', { reason: `line ${index + 1} of the export is no record of a ledger` }, error);
  }
}
