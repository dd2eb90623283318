import { crc32 } from 'node:zlib';
import { refuse } from '../errors.ts';

/** What a bearer token carries. */
export interface TokenText {
  /** The row to look up: a UUID. */
  readonly id: string;
  /** 256 bits. */
  readonly secret: Uint8Array;
}

export const SECRET_BYTES = 32;

const SHAPE = /^jscim_([0-9a-f]{32})([0-9a-f]{64})([0-9a-f]{8})$/;
/** A bearer token is far shorter; the rest of a longer header is not looked at. */
const LONGEST = 512;

/**
 * `jscim_`, then id, secret and CRC-32 in hex: one word that secret scanners recognise, and a mistyped one is refused
 * without a look into the database.
 */
export function formatToken({ id, secret }: TokenText): string {
  const body = `jscim_${id.replaceAll('-', '')}${Buffer.from(secret).toString('hex')}`;
  return body + checksum(body);
}

/** Takes a token apart; undefined where it is none of ours or was mistyped. */
export function parseToken(text: string): TokenText | undefined {
  const [, id, secret, sum] = SHAPE.exec(text) ?? [];
  if (id === undefined || secret === undefined || sum !== checksum(text.slice(0, -8))) return undefined;
  return { id: id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), secret: Buffer.from(secret, 'hex') };
}

/** The token of an Authorization header (RFC 6750 §2.1; the scheme in any case). @throws ScimError AUTH_MISSING, AUTH_INVALID */
export function bearer(authorization: string | undefined): TokenText {
  const text = authorization?.slice(0, LONGEST) ?? '';
  const credentials = /^bearer +(\S.*)$/i.exec(text)?.[1]?.trimEnd();
  if (credentials === undefined) throw refuse('AUTH_MISSING');
  const token = parseToken(credentials);
  if (token === undefined) throw refuse('AUTH_INVALID');
  return token;
}

/** Replaces whatever looks like one of our tokens, for text that comes from outside and goes to a log. */
export function withoutTokens(text: string): string {
  return text.replace(/jscim_[0-9a-z]{8,}/gi, 'jscim_[removed]');
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
