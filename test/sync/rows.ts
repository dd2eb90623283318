import type { SyncWorld } from './world.ts';

// What is stored, for assertions.

export const heldRows = (world: SyncWorld) => world.store.read((db) => db.selectFrom('held').selectAll().execute());

/** Oldest first: PostgreSQL puts a row that was updated elsewhere. */
export const debtRows = (world: Pick<SyncWorld, 'store'>) =>
  world.store.read((db) =>
    db.selectFrom('debts').selectAll().orderBy('received_at').orderBy('folded_id').orderBy('person').execute(),
  );

export const entryRows = (world: SyncWorld) => world.store.read((db) => db.selectFrom('entries').selectAll().execute());

export const claimRows = (world: SyncWorld) => world.store.read((db) => db.selectFrom('claims').selectAll().execute());

/** Steps that wait, as `kind sid: ceiling`, sorted. */
export async function waiting(world: SyncWorld): Promise<string[]> {
  const rows = await heldRows(world);
  return rows
    .filter(({ state }) => state === 'held')
    .map(({ step, ceiling }) => {
      const { kind, principal } = JSON.parse(step) as { kind: string; principal?: { id: string } };
      return `${kind} ${principal?.id ?? ''}: ${ceiling}`;
    })
    .sort();
}

/** The digest under which steps wait for this reason. */
export async function digestOf(world: SyncWorld, ceiling: string): Promise<string> {
  const rows = await heldRows(world);
  const found = new Set(rows.filter((row) => row.ceiling === ceiling).map(({ digest }) => digest));
  if (found.size !== 1) throw new Error(`${found.size} digests wait under ${ceiling}`);
  return [...found][0]!;
}

/** Kinds of ledger records about one person, oldest first. */
export async function recordsOf(world: SyncWorld, name: string): Promise<string[]> {
  const records = await world.ledger.about({ kind: 'user', id: world.idOf(name) }, 100);
  return records.map(({ kind }) => kind).reverse();
}
