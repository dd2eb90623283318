import type { ControllerConfig } from '../../config/schema.ts';
import { type Pending, pendingDone } from '../pace/distribute.ts';
import { irrelevantMarks } from '../pass/relevance.ts';
import { primaryOf } from '../pass/situation.ts';
import type { SyncContext } from '../state/context.ts';
import { writeInParts } from '../state/parts.ts';
import type { PolicyInForce } from './policyInForce.ts';

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
