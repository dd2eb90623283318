import { createPublicKey, type KeyObject } from 'node:crypto';
import { refuse } from '../errors.ts';
import type { SignedHead } from './head.ts';

/** What was kept outside of the service, to hold the ledger against. */
export interface Outside {
  /** Ed25519; stands in for the one of the key file, which whoever rewrote history may have. */
  readonly publicKey?: KeyObject;
  /** Signed heads as they were logged. */
  readonly anchors?: readonly SignedHead[];
}

/** The key that `ledger public-key` printed. @throws ScimError CLI_USAGE */
export function parsePublicKey(text: string): KeyObject {
  try {
    const key = createPublicKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Told below, without the reasons of OpenSSL.
  }
  throw refuse('CLI_USAGE', { reason: 'the public key is no Ed25519 key in PEM, as `ledger public-key` prints it' });
}

/**
 * Signed heads out of lines that were kept, among them the log of the service: one JSON object a line, other lines are passed
 * over. @throws ScimError CLI_USAGE where there is none
 */
export function parseAnchors(text: string): SignedHead[] {
  const heads = text.split('\n').flatMap((line) => anchorOf(line) ?? []);
  if (heads.length > 0) return heads;
  throw refuse('CLI_USAGE', {
    reason: 'the file of anchors has no signed head; they are the lines "ledger head" of the log',
  });
}

function anchorOf(line: string): SignedHead | undefined {
  if (!line.includes('"signature"')) return undefined;
  try {
    const { seq, hash, at, signature } = JSON.parse(line) as Partial<SignedHead>;
    if (!Number.isSafeInteger(seq) || !/^[0-9a-f]{64}$/.test(String(hash))) return undefined;
    if (typeof at !== 'string' || typeof signature !== 'string') return undefined;
    return { seq: seq!, hash: hash!, at, signature };
  } catch {
    return undefined;
  }
}
