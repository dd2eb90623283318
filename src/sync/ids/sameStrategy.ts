import type { Observed, ObservedRole } from '../../access/ports/controller.ts';
import { roleKey } from '../../access/role.ts';

/** Not a digest: what a cut took entries from. A batch that would touch such a role has to read it first. */
export const STALE = 'stale';

/** Whether what was read is what was known, entry by entry where a cut left no digest. */
export function sameStrategy(known: Observed, read: Observed): boolean {
  if (known.session !== read.session || known.roles.length !== read.roles.length) return false;
  if (known.fingerprint !== '') return known.fingerprint === read.fingerprint;
  const before = new Map(known.roles.map((role) => [roleKey(role), role]));
  return read.roles.every((role) => {
    const old = before.get(roleKey(role));
    return old !== undefined && (old.digest === STALE ? content(old) === content(role) : old.digest === role.digest);
  });
}

function content({ permissions, pattern, entries }: ObservedRole): string {
  const named = entries.map(({ type, id }) => [type, id].join('\u0000'));
  return JSON.stringify([permissions.toSorted(), pattern, named.sort()]);
}
