import { z } from 'zod';
import { canonical } from '../access/canonical.ts';
import { refuse } from '../errors.ts';
import type { ControllerDocument, PlanDocument, StepDocument } from './print/document.ts';

const MOST_STEPS = 1_000_000;

const step = z.looseObject({ key: z.string(), kind: z.string(), role: z.string().optional() });
const role = z.object({ role: z.string(), roleType: z.string(), digest: z.string() });
const document = z.object({
  digest: z.string(),
  controllers: z
    .array(
      z.object({
        name: z.string(),
        policy: z.string().optional(),
        digest: z.string().optional(),
        steps: z.array(step).max(MOST_STEPS),
        roles: z.array(role).max(MOST_STEPS),
        unread: z.boolean(),
      }),
    )
    .max(10_000),
});

/** A plan somebody read and saved: a claim about what is to be done. */
type SavedPlan = z.output<typeof document>;

/** Reads what `plan --out` wrote. @throws ScimError PLAN_STALE where it is no such thing */
export function parseSaved(value: unknown): SavedPlan {
  const result = document.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw refuse('PLAN_STALE', {
    reason: `it is no saved plan (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
  });
}

/**
 * Which steps a saved plan still names (`stepDigest`, by controller): all of them, or it is refused. Policy, steps with their
 * before-values and the definitions of the touched roles are compared; what else changed meanwhile is irrelevant, and is not
 * selected (semantics §5). What was shown for a step must be what its key stands for: an edited file selects nothing. A controller
 * that could not be read then, or cannot be read now, is left out: its trouble delays no other (semantics §10).
 * @param current whole plans, made anew, of the controllers the saved plan names
 * @throws ScimError PLAN_STALE
 */
export function stillHolds(saved: SavedPlan, current: PlanDocument): ReadonlyMap<string, ReadonlySet<string>> {
  const now = new Map(current.controllers.map((controller) => [controller.name, controller]));
  return new Map(
    saved.controllers
      .filter(({ name, unread }) => !unread && now.get(name)?.unread !== true)
      .map((controller) => [controller.name, selection(controller, now.get(controller.name))] as const),
  );
}

function selection(saved: SavedPlan['controllers'][number], now: ControllerDocument | undefined): Set<string> {
  const { name } = saved;
  if (saved.steps.length === 0) return new Set();
  if (now === undefined) throw stale(`there is no controller ${name} any more`);
  if (now.policy !== saved.policy) throw stale(`the policy for ${name} is another one`);
  const steps = new Map([...now.steps, ...now.quarantined].map((item) => [item.key, item]));
  for (const item of saved.steps) {
    const found = steps.get(item.key);
    if (found === undefined) throw stale(`${name}: ${item.kind} ${item.role ?? ''} is not to be done any more`);
    if (claimOf(found) !== claimOf(item)) throw stale(`${name}: the saved file was changed`);
  }
  const roles = new Map(now.roles.map((item) => [`${item.roleType}:${item.role}`, item.digest]));
  for (const item of saved.roles) {
    const found = roles.get(`${item.roleType}:${item.role}`);
    if (found !== undefined && found !== item.digest) throw stale(`${name}: the role ${item.role} was changed`);
  }
  return new Set(saved.steps.map(({ key }) => key));
}

/** What a step does, as it is shown; reasons may have changed. */
function claimOf(item: SavedPlan['controllers'][number]['steps'][number] | StepDocument): string {
  const { kind, role: name, roleType, scope, principal, permissions, before, entries } = item as StepDocument;
  return canonical({ kind, name, roleType, scope, principal, permissions, before, entries });
}

function stale(reason: string) {
  return refuse('PLAN_STALE', { reason });
}
