import type { Steps } from '../../access/breather.ts';
import { inSteps } from '../../access/inSteps.ts';
import type { Plan } from '../plan.ts';

/**
 * People who would have nothing left here though the policy is the one that gave it, or their connection may not reach this controller, by
 * connection: the directory or the configuration (a connection that is called otherwise, another `primary`, other labels) takes it from them.
 */
export function* losingAll(
  { steps, policy }: Pick<Plan, 'steps' | 'policy'>,
  connections: ReadonlyMap<string, string>,
  reaches: (connection: string) => boolean,
): Steps<Map<string, Set<string>>> {
  const losing = new Map<string, Set<string>>();
  yield* inSteps(steps, ({ kind, cause, person, reasons }) => {
    if (kind !== 'revoke' || cause !== 'unentitled' || person === undefined) return;
    const connection = connections.get(person) ?? '';
    const byPolicy = reasons.length === 0 || reasons.some((reason) => reason.policy !== policy);
    if (byPolicy && reaches(connection)) return;
    const known = losing.get(connection);
    if (known === undefined) losing.set(connection, new Set([person]));
    else known.add(person);
  });
  return losing;
}
