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
/** Our tokens are far shorter; a JWT with many claims fits. A longer header is not looked at. */
const LONGEST = 8192;

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

/** The credentials of an Authorization header (RFC 6750 §2.1; the scheme in any case). @throws ScimError AUTH_MISSING, AUTH_TWICE, AUTH_INVALID */
export function bearer(authorization: string | undefined): string {
  if ((authorization?.length ?? 0) > LONGEST) throw refuse('AUTH_INVALID');
  const credentials = /^bearer +(\S.*)$/i.exec(authorization ?? '')?.[1]?.trimEnd();
  if (credentials === undefined) throw refuse('AUTH_MISSING');
  if (/^bearer( |$)/i.test(credentials)) throw refuse('AUTH_TWICE');
  return credentials;
}

/** Replaces whatever looks like one of our tokens or a JWT, for text that comes from outside and goes to a log. */
export function withoutTokens(text: string): string {
  return text
    .replace(/jscim(at)?_[0-9a-z]{8,}/gi, 'jscim$1_[removed]')
    .replace(/\beyJ[\w-]{8,}(\.[\w-]*){0,4}/g, 'eyJ[removed]');
}

/** CRC-32 in hex, so that a mistyped token is refused without a look into the database. */
export function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
