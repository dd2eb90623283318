import { sealText } from '../../access/canonical.ts';
import type { Keys } from '../../config/keys.ts';

const CHARACTERS = 16;

/**
 * Tells the databases that write to one controller apart, for its fences (`roles.groovy`). Controllers are told it in scripts: it follows
 * from a key of the ledger without giving any of it away.
 */
export function lineageOf({ ledger }: Pick<Keys, 'ledger'>): string {
  return sealText(ledger.mac, 'jenkins-scim lineage').slice(0, CHARACTERS);
}
