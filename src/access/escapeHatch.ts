import type { Capabilities } from './ports/controller.ts';
import { foldId } from './principal.ts';

/** What tells whose password a realm keeps itself. */
export type Hatch = Pick<Capabilities, 'escapeHatch' | 'userIds'>;

/** Whether the escape hatch of the realm (oic-auth) is for this id: a password opens it that is none of the record. */
export function isHatch({ escapeHatch, userIds }: Hatch, id: string): boolean {
  return escapeHatch !== null && foldId(escapeHatch, userIds) === foldId(id, userIds);
}
