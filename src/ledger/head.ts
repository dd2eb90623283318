import { sign, verify } from 'node:crypto';
import { canonical } from '../access/canonical.ts';
import type { Keys } from '../config/keys.ts';
import { refuse } from '../errors.ts';

export interface SignedHead {
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
  /** Ed25519 over the canonical form of the three above, base64. */
  readonly signature: string;
}

type Head = Omit<SignedHead, 'signature'>;

/** Ed25519 over the canonical form (RFC 8032); deterministic. */
export function signedHead(keys: Keys['heads'], { seq, hash, at }: Head): SignedHead {
  const signature = sign(null, Buffer.from(canonical({ seq, hash, at })), keys.privateKey).toString('base64');
  return Object.freeze({ seq, hash, at, signature });
}

export function signatureHolds(keys: Pick<Keys['heads'], 'publicKey'>, head: SignedHead): boolean {
  const { seq, hash, at, signature } = head;
  const bytes = Buffer.from(String(signature), 'base64');
  // Base64 has more than one spelling for the same bytes.
  if (bytes.toString('base64') !== signature) return false;
  return verify(null, Buffer.from(canonical({ seq, hash, at })), keys.publicKey, bytes);
}

/** `seq:hash`, as `verify` answers and takes it. */
export function headText(seq: number, hash: string): string {
  return `${seq}:${hash}`;
}

/** Takes a head that was kept elsewhere apart. @throws ScimError CLI_USAGE */
export function parseHead(text: string): { readonly seq?: number; readonly hash: string } {
  const [, seq, hash] = /^(?:(\d{1,15}):)?([0-9a-f]{64})$/i.exec(text.trim()) ?? [];
  if (hash === undefined) throw refuse('CLI_USAGE', { reason: 'a head is SEQ:HASH or HASH, 64 hex digits' });
  return { hash: hash.toLowerCase(), ...(seq === undefined ? {} : { seq: Number(seq) }) };
}
