import type { Controller, LeaverResult, Observed } from '../../access/ports/controller.ts';
import { foldId } from '../../access/principal.ts';
import { leaverOrders } from '../../plan/batch.ts';
import { isLeaverStep, type LeaverStep } from '../../plan/step.ts';
import { STALE } from '../ids/sameStrategy.ts';
import type { Lease } from '../lease/lease.ts';
import { cutWorks } from '../leavers/cut.ts';
import { type Pending, pendingDone } from '../pace/distribute.ts';
import type { SyncContext } from '../state/context.ts';
import { writeInParts } from '../state/parts.ts';
import type { Assessment } from './assessment.ts';
import type { Intended } from './intents.ts';
import type { RunResult } from './performed.ts';

/** Cuts people off, and stores what was done of that. */
export async function cutRun(
  context: SyncContext,
  controller: Controller,
  lease: Lease,
  assessed: Assessment,
  run: Intended,
  observed: Observed,
  pending: readonly Pending[],
): Promise<RunResult> {
  const steps = run.steps.filter(isLeaverStep);
  const ids = assessed.live.capabilities.userIds;
  const fold = (id: string): string => foldId(id, ids);
  const orders = leaverOrders(steps);
  const answered = await controller.cut(lease.fence, orders);
  const byId = new Map<string, LeaverResult>(answered.results.map((result) => [fold(result.id), result]));
  const grouped = groupById(steps, fold);
  const { works, counts } = cutWorks(context, assessed, run.rows, grouped, byId, observed, answered);
  const done = answered.outcome === 'done' ? pendingDone(assessed.controller.name, pending) : [];
  await writeInParts(context.store, [...works, ...done]);
  const after = withoutEntries(observed, [...byId.values()], fold);
  const base = { ...counts, observed: after, recheck: true, changed: false };
  if (answered.outcome === 'done') return base;
  return { ...base, stopped: { kind: answered.outcome, reason: answered.reason ?? answered.outcome } };
}

function groupById(steps: readonly LeaverStep[], fold: (id: string) => string): Map<string, LeaverStep[]> {
  const groups = new Map<string, LeaverStep[]>();
  for (const step of steps) {
    const key = fold(step.principal.id);
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return groups;
}

/** Entries that a cut removed are gone from what is known; the digests of those roles are not known any more. */
function withoutEntries(observed: Observed, results: readonly LeaverResult[], fold: (id: string) => string): Observed {
  const cut = results.filter(({ steps }) => steps.some(({ kind, done }) => kind === 'remove-entries' && done));
  if (cut.length === 0) return observed;
  const gone = new Set(cut.map(({ id }) => fold(id)));
  const kept = new Set(
    cut.flatMap(({ after }) =>
      after.entries.map((entry) => `${entry.type}\u0000${entry.role}\u0000${entry.principal.id}`),
    ),
  );
  const roles = observed.roles.map((role) => {
    const entries = role.entries.filter(
      ({ type, id }) =>
        type === 'group' || !gone.has(fold(id)) || kept.has(`${role.type}\u0000${role.name}\u0000${id}`),
    );
    return entries.length === role.entries.length ? role : { ...role, entries, digest: STALE };
  });
  return { ...observed, roles, fingerprint: '' };
}
