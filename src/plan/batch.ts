import {
  LEAVER_STEPS,
  type LeaverOrder,
  type Observed,
  type ObservedRole,
  type StrategyBatch,
  type StrategyChange,
} from '../access/ports/controller.ts';
import { roleKey } from '../access/role.ts';
import { type Entry, isLeaverStep, type LeaverStep, type Step } from './step.ts';

/**
 * The changes of steps that go, in their order, and what each touched role must look like before: its digest as read, or that
 * it is absent. Leaver steps are left out; see `leaverOrders`.
 * @param observed what the plan was made from, or what was read after the batch before
 */
export function batchOf(
  steps: readonly Step[],
  observed: Pick<Observed, 'roles'>,
): Pick<StrategyBatch, 'changes' | 'preconditions'> {
  const changes = steps.flatMap((step) => (isLeaverStep(step) ? [] : [changeOf(step)]));
  const roles = new Map<string, ObservedRole>(observed.roles.map((role) => [roleKey(role), role]));
  const touched = new Map(changes.map(({ role: { type, name } }) => [`${type}:${name}`, { type, name }]));
  return {
    changes,
    preconditions: [...touched].map(([key, role]) => ({ role, digest: roles.get(key)?.digest ?? 'absent' })),
  };
}

function changeOf(step: Exclude<Step, LeaverStep>): StrategyChange {
  switch (step.kind) {
    case 'create-role':
    case 'update-role':
      return { op: step.kind, role: step.role };
    case 'delete-role':
      return { op: 'delete-role', role: step.role };
    case 'grant':
    case 'revoke':
      return { op: step.kind, role: step.role, principal: step.principal };
  }
}

/** One order per id, its steps in the order of semantics §2, ids in the order they come in. */
export function leaverOrders(steps: readonly Step[]): LeaverOrder[] {
  const byId = new Map<string, LeaverStep[]>();
  for (const step of steps) {
    if (!isLeaverStep(step)) continue;
    const known = byId.get(step.principal.id);
    if (known === undefined) byId.set(step.principal.id, [step]);
    else known.push(step);
  }
  return [...byId].map(([id, owed]) => {
    const kinds = new Set(owed.map(({ kind }) => kind));
    const again = owed.find(({ kind }) => kind === 'second-cut')?.again;
    return {
      id,
      steps: LEAVER_STEPS.filter((kind) => kinds.has(kind)),
      entries: entriesOf(owed),
      ...(again === undefined ? {} : { again }),
    };
  });
}

function entriesOf(owed: readonly LeaverStep[]): 'all' | readonly Entry[] {
  const removal = owed.find(({ kind }) => kind === 'remove-entries');
  return removal !== undefined && removal.exactly === undefined ? 'all' : (removal?.entries ?? []);
}
