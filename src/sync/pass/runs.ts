import type { Observed, ObservedRole } from '../../access/ports/controller.ts';
import { type RoleKey, roleKey } from '../../access/role.ts';
import { isLeaverStep, type Step } from '../../plan/step.ts';

/** Steps that go to a controller in one call, in the order of the plan. */
export interface Run {
  readonly kind: 'batch' | 'cut';
  readonly steps: readonly Step[];
}

/** Most steps of one run: between two of them somebody who left can enter. */
const LARGEST_RUN = 12_000;

/**
 * Without the leaver steps of a second person at one id: what was read back proves one debt, and the next pass asks what is left of the
 * other.
 */
export function onePerId(steps: readonly Step[], fold: (id: string) => string): readonly Step[] {
  const people = new Map<string, string | undefined>();
  return steps.filter((step) => {
    if (!isLeaverStep(step)) return true;
    const id = fold(step.principal.id);
    if (!people.has(id)) people.set(id, step.person);
    return people.get(id) === step.person;
  });
}

/** Cuts a plan's steps into runs: what people can act with by one script, the strategy by another. */
export function runsOf(steps: readonly Step[], largest = LARGEST_RUN): Run[] {
  const runs: { kind: Run['kind']; steps: Step[] }[] = [];
  for (const step of steps) {
    const kind = isLeaverStep(step) ? 'cut' : 'batch';
    const last = runs.at(-1);
    if (last?.kind === kind && (kind === 'cut' || last.steps.length < largest)) last.steps.push(step);
    else runs.push({ kind, steps: [step] });
  }
  return runs;
}

/** Whether what a step wanted is there, by what was read back. Only our entry, permissions and pattern are judged. */
export function isVerified(step: Step, roles: ReadonlyMap<string, ObservedRole>): boolean {
  if (isLeaverStep(step)) return false;
  const found = roles.get(roleKey(step.role));
  switch (step.kind) {
    case 'create-role':
    case 'update-role': {
      const wanted = new Set(step.role.permissions);
      const same = found?.permissions.length === wanted.size && found.permissions.every((item) => wanted.has(item));
      return same && found?.pattern === step.role.pattern;
    }
    case 'delete-role':
      return found === undefined;
    case 'grant':
      return found !== undefined && holds(found, step.principal);
    case 'revoke':
      return found === undefined || !holds(found, step.principal);
  }
}

const indexes = new WeakMap<ObservedRole, Set<string>>();

function holds(role: ObservedRole, { type, id }: { readonly type: string; readonly id: string }): boolean {
  let index = indexes.get(role);
  if (index === undefined) {
    index = new Set(role.entries.map((entry) => `${entry.type}\u0000${entry.id}`));
    indexes.set(role, index);
  }
  return index.has(`${type}\u0000${id}`);
}

/** What is known after a batch: roles that were read back replace the old ones, those that were deleted are gone. */
export function observedAfter(before: Observed, read: readonly ObservedRole[], touched: readonly RoleKey[]): Observed {
  const keys = new Set([...touched.map(roleKey), ...read.map(roleKey)]);
  const roles = [...before.roles.filter((role) => !keys.has(roleKey(role))), ...read];
  return { ...before, roles, fingerprint: '' };
}

export function rolesByKey(observed: Observed): Map<string, ObservedRole> {
  return new Map(observed.roles.map((role) => [roleKey(role), role]));
}
