import { createHash } from 'node:crypto';
import { fold } from '../../access/fold.ts';
import type { AttributePath } from '../../scim/filter/filter.ts';
import { values } from '../../scim/filter/matches.ts';
import type { Attributes } from '../../scim/resource.ts';

/** The values of a path by their hash, which is the same for equal ones (RFC 7643 §7, caseExact). */
export function hashesOf(path: AttributePath, attributes: Attributes): Map<string, string | number | boolean> {
  const hashes = new Map<string, string | number | boolean>();
  const exact = path.caseExact || path.type === 'dateTime';
  for (const value of values(path, attributes)) {
    if (value === null || typeof value === 'object') continue;
    const wanted = value as string | number | boolean;
    const compared = typeof wanted === 'string' && !exact ? fold(wanted) : wanted;
    hashes.set(createHash('sha256').update(JSON.stringify(compared)).digest('hex'), wanted);
  }
  return hashes;
}
