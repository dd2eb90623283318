import type { SyncWorld } from './world.ts';

/** Marks the credential that the directory of these tests is written with. */
export async function mark(world: SyncWorld, since: number, now = world.context.clock.now()): Promise<void> {
  const row = { credential: 'cred', since: new Date(since).toISOString(), marked_at: new Date(now).toISOString() };
  await world.store.write(({ db }) =>
    db
      .insertInto('compromised')
      .values(row)
      .onConflict((conflict) => conflict.column('credential').doUpdateSet(row))
      .execute(),
  );
}

/** From here on somebody else has the credential. @returns since when */
export function stolen(world: SyncWorld): number {
  world.time.forward(60_000);
  const since = world.context.clock.now();
  world.time.forward(60_000);
  return since;
}
