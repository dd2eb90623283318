import type { Kysely } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import { roleKey } from '../../access/role.ts';
import type { OwnedEntry, Plan } from '../../plan/plan.ts';
import type { Tables } from '../../store/tables.ts';
import type { Whom } from '../state/reading.ts';
import { principalOf, roleOf } from '../state/rows.ts';
import { entriesOf } from '../state/stored.ts';

/**
 * The entries of a plan that nobody answers for. A plan for some people knows what is stored of them alone: what others have by a rule is
 * looked up here, where a role is redefined, so that it does not count as made by hand.
 */
export async function unmanagedOf(
  db: Kysely<Tables>,
  { controller, unmanaged }: Pick<Plan, 'controller' | 'unmanaged'>,
  whom: Whom,
  breathe: Breathe,
): Promise<readonly OwnedEntry[]> {
  if (whom === 'all' || unmanaged.length === 0) return unmanaged;
  const sids = [...new Set(unmanaged.map(({ principal }) => principal.id))];
  const rows = await entriesOf(db, controller, new Set(), sids, breathe);
  const known = new Set(rows.map((row) => nameOf({ role: roleOf(row), principal: principalOf(row) })));
  return unmanaged.filter((entry) => !known.has(nameOf(entry)));
}

function nameOf({ role, principal }: Pick<OwnedEntry, 'role' | 'principal'>): string {
  return [roleKey(role), principal.type, principal.id].join('\u0000');
}
