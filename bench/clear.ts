import { roleKey } from '../src/access/role.ts';
import type { Measured } from './target.ts';

/** Takes away the roles that a run made on a real controller. */
export async function clear(target: Measured, prefix: string): Promise<void> {
  const { roles } = await target.direct.observe();
  const ours = roles.filter(({ type, name }) => type === 'item' && name.startsWith(prefix));
  if (ours.length === 0) return;
  const outcome = await target.direct.apply({
    id: `clear-${prefix}`,
    fence: Number.MAX_SAFE_INTEGER,
    preconditions: ours.map(({ type, name, digest }) => ({ role: { type, name }, digest })),
    changes: ours.map(({ type, name }) => ({ op: 'delete-role', role: { type, name } })),
    keepAdministrators: [],
  });
  if (outcome.outcome !== 'done') throw new Error(`${ours.map(roleKey).join(', ')} stay: ${outcome.reason}`);
}
