import type { Controller } from '../../access/ports/controller.ts';
import type { StorePort } from '../../access/ports/store.ts';
import { refuse } from '../../errors.ts';
import type { Tables } from '../../store/tables.ts';
import type { SyncContext } from '../state/context.ts';
import { isHeld, type Lease } from './lease.ts';

/**
 * The same store for whoever acts under a lease: a write stands only while the lease is theirs. A process that froze and was
 * overtaken goes on where it was; what it decided and learned is older than what its successor stored.
 */
export function leased(context: SyncContext, lease: Lease): SyncContext {
  const { store } = context;
  const write: StorePort<Tables>['write'] = (work, options) =>
    store.write(async (tx) => {
      await tx.given(requireLease(tx.db, lease));
      return work(tx);
    }, options);
  return { ...context, store: { ...store, write } };
}

async function requireLease(db: Parameters<typeof isHeld>[0], lease: Lease): Promise<void> {
  if (!(await isHeld(db, lease))) throw refuse('SYNC_LEASE', { controller: lease.controller });
}

/**
 * Tells a controller the fence before it is read for the first time after a take-over: a batch that changes nothing. From then on it
 * refuses what the one before still sends, and what that one sent earlier is there to be read.
 * @returns whether it was told now; where it cannot be, the digests of the roles keep two writers apart
 */
export async function announce(
  { random }: Pick<SyncContext, 'random'>,
  controller: Controller,
  lease: Lease,
): Promise<boolean> {
  if (!lease.overtook || lease.told === lease.fence) return false;
  const nothing = { preconditions: [], changes: [], keepAdministrators: [] };
  const { outcome } = await controller.apply({ id: random.id(), fence: lease.fence, ...nothing });
  if (outcome === 'done') lease.told = lease.fence;
  return true;
}
