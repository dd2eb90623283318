import type { Observed } from '../access/ports/controller.ts';
import { foldId, type IdStrategy } from '../access/principal.ts';

const ADMINISTER = 'hudson.model.Hudson.Administer';

/** Whether an id administers by an entry of its own in a global role, and not only by a group that a realm may forget. */
export function administersByItself({ roles }: Observed, id: string, ids: IdStrategy): boolean {
  return roles.some(
    (role) =>
      role.type === 'global' &&
      role.permissions.includes(ADMINISTER) &&
      role.entries.some((entry) => entry.type !== 'group' && foldId(entry.id, ids) === foldId(id, ids)),
  );
}
