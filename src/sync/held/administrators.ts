import type { Controller, Observed } from '../../access/ports/controller.ts';
import { foldId, type IdStrategy } from '../../access/principal.ts';
import { ADMINISTER } from '../../plan/administrative.ts';
import type { Plan } from '../../plan/plan.ts';
import { isLeaverStep, type Step } from '../../plan/step.ts';

/** Ids that can administer by a USER entry of a global role, the service's own left out. */
export function administratorsOf(observed: Observed, service: string, ids: IdStrategy): string[] {
  const own = foldId(service, ids);
  const found = new Map<string, string>();
  for (const role of observed.roles) {
    if (role.type !== 'global' || !role.permissions.includes(ADMINISTER)) continue;
    for (const { type, id } of role.entries) {
      const folded = foldId(id, ids);
      if (type === 'user' && folded !== own && !found.has(folded)) found.set(folded, id);
    }
  }
  return [...found.values()];
}

/** Whether carrying a plan out could take Administer from somebody. */
export function mayLoseAdministrators(
  plan: Pick<Plan, 'steps'>,
  administrators: readonly string[],
  ids: IdStrategy,
): boolean {
  const folded = new Set(administrators.map((id) => foldId(id, ids)));
  return plan.steps.some((step) => loses(step, folded, ids));
}

function loses(step: Step, administrators: ReadonlySet<string>, ids: IdStrategy): boolean {
  if (isLeaverStep(step)) return administrators.has(foldId(step.principal.id, ids));
  if (step.kind === 'update-role') return step.before.permissions.includes(ADMINISTER);
  if (step.kind === 'delete-role') return step.before.permissions.includes(ADMINISTER);
  return step.kind === 'revoke' && step.administrative;
}

/** Enough to prove that somebody is left; asking about each of hundreds would prove no more. */
const ASKED = 20;

/** Which of them have a record of their own, break-glass accounts first: only those are known to work. */
export async function workingOf(
  controller: Controller,
  administrators: readonly string[],
  breakGlass: readonly string[],
  ids: IdStrategy,
): Promise<string[]> {
  const named = new Set(breakGlass.map((id) => foldId(id, ids)));
  const { true: first = [], false: rest = [] } = Object.groupBy(
    administrators,
    (id) => `${named.has(foldId(id, ids))}`,
  );
  const states = await controller.people([...first, ...rest].slice(0, ASKED));
  return states.filter(({ record, error }) => record !== undefined && error === undefined).map(({ id }) => id);
}
