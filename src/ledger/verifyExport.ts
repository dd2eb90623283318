import { refuse } from '../errors.ts';
import type { Proof } from './exported.ts';
import { provenRecords } from './exported.ts';
import { type SignedHead, signatureHolds } from './head.ts';

export interface ExportVerification {
  readonly records: number;
  /** Heads that were kept elsewhere and are in its chain. */
  readonly anchors: number;
  /** Those that were signed after its end, of which it says nothing. */
  readonly newer: number;
}

/**
 * Holds an export against keys and heads that were kept elsewhere. With the public key alone it proves, on any machine, that no record
 * was changed or lost since it was sealed; with those of the service also the names in it, and that the service wrote each of them.
 * @throws ScimError LED_EXPORT, LED_BROKEN where a head that was kept is not signed by the key or contradicts another one
 */
export function verifyExport(
  proof: Proof,
  lines: Iterable<string>,
  anchors: readonly SignedHead[] = [],
): ExportVerification {
  const kept = new Map(anchors.map(({ seq, hash }) => [seq, hash]));
  for (const head of anchors) {
    const reason = !signatureHolds(proof.heads, head)
      ? 'the signature of a head does not fit'
      : kept.get(head.seq) === head.hash
        ? undefined
        : 'two signed heads name another hash';
    if (reason !== undefined) throw refuse('LED_BROKEN', { seq: head.seq, reason });
  }
  let records = 0;
  const proven = provenRecords({ ...proof, kept }, lines, (doubt) => {
    throw refuse('LED_EXPORT', { ...doubt });
  });
  for (const _ of proven) records += 1;
  const newer = anchors.filter(({ seq }) => seq > records).length;
  return { records, anchors: anchors.length - newer, newer };
}
