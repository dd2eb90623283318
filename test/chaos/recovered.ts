import { exportLedger } from '../../src/ledger/reading.ts';
import { recover } from '../../src/sync/orders/recover.ts';
import { BY_HAND } from '../../src/sync/state/storedEntries.ts';
import { openTestStore } from '../store/open.ts';
import type { Walker } from './walker.ts';

/** By the ledger alone the service knows what it made, and nothing that it let go of. @throws what is otherwise */
export async function recovered(walker: Walker, t: { after(run: () => unknown): void }): Promise<void> {
  const { ledger, store, command } = walker.house;
  const lines: string[] = [];
  await ledger.seal();
  await exportLedger(ledger, (text) => void lines.push(text));
  const fresh = await openTestStore(t);
  await recover({ ...command(), store: fresh }, lines);
  const owned = (from: typeof store) =>
    from.read(async (db) => {
      const entries = await db.selectFrom('entries').selectAll().where('standing', '=', 'owned').execute();
      const roles = await db.selectFrom('owned_roles').selectAll().execute();
      return { entries, roles };
    });
  const [was, is] = [await owned(store), await owned(fresh)];
  const entryOf = (row: (typeof was.entries)[number]): string =>
    `${row.controller} ${row.role_type}:${row.role_name} ${row.entry_type} ${row.sid}`;
  const roleOf = (row: (typeof was.roles)[number]): string => `${row.controller} ${row.role_type}:${row.role_name}`;
  // What was found there, or taken over, was made by somebody else, and is told where it was taken over; what was only begun may be nowhere.
  const made = was.entries.filter(({ since, verified }) => since !== BY_HAND && verified === 1).map(entryOf);
  const problems = [
    ...lacking('is not owned any more', made, is.entries.map(entryOf)),
    ...lacking('is owned, and was not', is.entries.map(entryOf), was.entries.map(entryOf)),
    ...lacking('is no role of ours any more', was.roles.map(roleOf), is.roles.map(roleOf)),
    ...lacking('is a role of ours, and was not', is.roles.map(roleOf), was.roles.map(roleOf)),
  ];
  if (problems.length > 0) throw new Error(`\nby the ledger alone:\n${problems.join('\n')}`);
}

function lacking(what: string, all: readonly string[], among: readonly string[]): string[] {
  const known = new Set(among);
  return all.filter((one) => !known.has(one)).map((one) => `${one} ${what}`);
}
