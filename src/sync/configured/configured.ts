import type { LedgerEvent } from '../../access/ports/recorder.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import type { ControllersTable } from '../../store/tables/sync.ts';
import type { SyncContext } from '../state/context.ts';
import { noteSections } from './sections.ts';

/**
 * What a start has to write down of the configuration: who is out of it, in which mode each controller is now, and what was edited of
 * the sections that decide what is protected, held and taken away.
 */
export async function noteConfiguration(context: SyncContext): Promise<void> {
  await forgetUnconfigured(context);
  await noteModes(context);
  await noteSections(context);
}

/** That the mode of a controller was changed; undefined where it was not. A leaver may keep everything in another mode. */
export function modeRecord(
  { name, mode }: Pick<ControllerConfig, 'name' | 'mode'>,
  row: Pick<ControllersTable, 'mode'> | undefined,
  { operator, runBy }: Pick<SyncContext, 'operator' | 'runBy'>,
): LedgerEvent | undefined {
  const before = row?.mode ?? null;
  if (before === null || before === mode) return undefined;
  return {
    kind: 'controller.mode',
    actor: operator ?? 'sync',
    subject: { kind: 'controller', id: name },
    body: { before, mode, ...(runBy === undefined ? {} : { from: { ...runBy } }) },
  };
}

/** A controller that is off is never looked at: its mode is noted here, or it would come back as if nothing had been. */
async function noteModes(context: SyncContext): Promise<void> {
  const { store, config, recorder } = context;
  const rows = await store.read((db) => db.selectFrom('controllers').select(['name', 'mode']).execute());
  const known = new Map(rows.map((row) => [row.name, row]));
  for (const controller of config.controllers) {
    const row = known.get(controller.name);
    const record = modeRecord(controller, row, context);
    if (record === undefined) continue;
    await store.write(async (tx) => {
      const { numUpdatedRows } = await tx.db
        .updateTable('controllers')
        .set({ mode: controller.mode })
        .where('name', '=', controller.name)
        .where('mode', '=', row!.mode)
        .executeTakeFirst();
      if (numUpdatedRows > 0n) await recorder.record(tx, record);
    });
  }
}

/** Controllers that are not configured now hear of nobody: whoever comes back has to be read whole before it proves anything. */
async function forgetUnconfigured({ store, config }: Pick<SyncContext, 'store' | 'config'>): Promise<void> {
  const known = new Set(config.controllers.map(({ name }) => name));
  const read = await store.read((db) =>
    db.selectFrom('controllers').select('name').where('full_ms', 'is not', null).execute(),
  );
  const gone = read.flatMap(({ name }) => (known.has(name) ? [] : [name]));
  if (gone.length === 0) return;
  await store.write(({ db }) =>
    db.updateTable('controllers').set({ full_ms: null }).where('name', 'in', gone).execute(),
  );
}
