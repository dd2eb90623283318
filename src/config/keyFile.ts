import { createPrivateKey, createPublicKey } from 'node:crypto';
import { z } from 'zod';
import type { Keys } from './keys.ts';

/** Bytes of a key for MACs. */
const KEY_BYTES = 32;

/** PKCS #8 header of an Ed25519 private key (RFC 8410 §7); the 32 bytes of the seed follow. */
const ED25519_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex');

const key = z.base64().transform((text, context) => {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  if (bytes.length === KEY_BYTES) return bytes;
  context.addIssue(`a key has ${KEY_BYTES} bytes`);
  return z.NEVER;
});

const shape = z
  .strictObject({
    format: z.literal(1),
    token: z.strictObject({ current: z.int().min(1), keys: z.record(z.string().regex(/^[1-9]\d{0,8}$/), key) }),
    ledger: z.strictObject({ mac: key, personal: key }),
    heads: key,
  })
  .refine(({ token }) => token.keys[token.current] !== undefined, 'the current token key is not among the keys');

/** The text of a key file with new keys; `bytes` is the source of randomness. */
export function newKeyFile(bytes: (length: number) => Uint8Array): string {
  const fresh = (): string => Buffer.from(bytes(KEY_BYTES)).toString('base64');
  const document: z.input<typeof shape> = {
    format: 1,
    token: { current: 1, keys: { 1: fresh() } },
    ledger: { mac: fresh(), personal: fresh() },
    heads: fresh(),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** The keys in the text of a key file. @throws Error that tells the place, never the content */
export function parseKeyFile(text: string): Keys {
  const result = shape.safeParse(json(text));
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new Error(`${issue?.path.join('.') || 'the document'}: ${issue?.message}`);
  }
  const { token, ledger, heads } = result.data;
  const privateKey = createPrivateKey({ key: Buffer.concat([ED25519_HEADER, heads]), format: 'der', type: 'pkcs8' });
  return Object.freeze({
    token: {
      current: token.current,
      byVersion: new Map(Object.entries(token.keys).map(([version, value]) => [Number(version), value])),
    },
    ledger,
    heads: { privateKey, publicKey: createPublicKey(privateKey) },
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
}
