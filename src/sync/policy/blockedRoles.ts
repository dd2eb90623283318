import { roleKey } from '../../access/role.ts';
import type { Assessment } from '../pass/assessment.ts';
import type { SyncContext } from '../state/context.ts';
import type { Memory } from '../state/memory.ts';

/**
 * Tells in the log which roles nobody gets or loses on a controller, when that begins and when it is over (semantics §10): whoever
 * should lose one keeps it meanwhile.
 */
export function tellBlocked(
  { log }: Pick<SyncContext, 'log'>,
  { controller, evaluation }: Pick<Assessment, 'controller' | 'evaluation'>,
  memory: Memory,
): void {
  const known = memory.blocked ?? new Map<string, string>();
  const now = new Map(evaluation.blocked.map((role) => [roleKey(role), role.name]));
  for (const { type, name: role, code } of evaluation.blocked)
    if (!known.has(roleKey({ type, name: role })))
      log.error('a role is blocked on a controller: nobody gets or loses it there', {
        ...{ controller: controller.name, role, code },
      });
  for (const [key, role] of known)
    if (!now.has(key))
      log.info('a role is not blocked on a controller any more', { controller: controller.name, role });
  memory.blocked = now;
}
