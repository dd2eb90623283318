import type { ControllerConfig } from '../config/schema.ts';
import type { SyncContext } from './context.ts';
import { type Pending, pendingDone } from './distribute.ts';
import { writeInParts } from './parts.ts';
import type { PolicyInForce } from './policyInForce.ts';
import { irrelevantMarks } from './relevance.ts';
import { primaryOf } from './situation.ts';

/** Forgets marks of groups that no rule is about. @returns whether there were any */
export async function forgetIrrelevant(
  { store, config, facts, clock }: SyncContext,
  { name, labels }: ControllerConfig,
  policy: PolicyInForce,
  pending: readonly Pending[],
): Promise<boolean> {
  const target = { name, labels };
  const looking = { policy, target, primaryConnection: primaryOf(config), reader: facts, now: clock.now() };
  const skipped = await store.read((db, breathe) => irrelevantMarks(db, looking, pending, breathe));
  if (skipped.length === 0) return false;
  await writeInParts(store, pendingDone(name, skipped));
  return true;
}
