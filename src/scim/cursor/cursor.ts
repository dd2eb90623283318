import { createCipheriv, createDecipheriv } from 'node:crypto';
import { canonical } from '../../access/canonical.ts';
import type { Random } from '../../access/ports/random.ts';
import { refuse } from '../../errors.ts';
import type { Place } from '../query.ts';
import type { ResourceType } from '../resource.ts';
import type { Search } from '../search.ts';

/** How long a cursor may be used, from the page that gave it; ServiceProviderConfig tells it. */
export const CURSOR_SECONDS = 3600;

/** How far the reader has come; everything that is needed for the next page, so that nothing is kept here. */
export interface Progress {
  /** The last place that was given out, by type; absent: none yet. */
  readonly places: Readonly<Partial<Record<ResourceType, Place>>>;
  /** Types that are exhausted. */
  readonly done: readonly ResourceType[];
  /** As counted for the first page. */
  readonly total: number;
  /** Of the first page. */
  readonly count: number;
}

/** Whom and what a cursor is for: used for anything else, it is no cursor. */
export interface Bound {
  readonly connection: string;
  readonly credential: string;
  readonly types: readonly ResourceType[];
  readonly search: Pick<Search, 'filter' | 'sortBy' | 'sortOrder'>;
}

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;
const LONGEST = 4096;

/**
 * Makes a cursor of unreserved characters (RFC 9865 §2). It is sealed by AES-256-GCM: it cannot be forged, and a value that is
 * sorted by does not stand in URLs and logs of proxies. `key` has 32 bytes, `now` is in milliseconds.
 */
export function sealCursor(
  progress: Progress,
  bound: Bound,
  parts: { readonly key: Uint8Array; readonly random: Pick<Random, 'bytes'>; readonly now: number },
): string {
  const nonce = parts.random.bytes(NONCE);
  const cipher = createCipheriv(CIPHER, parts.key, nonce, { authTagLength: TAG });
  cipher.setAAD(aad(bound));
  const text = JSON.stringify({ ...progress, at: parts.now });
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return sealed.toString('base64url');
}

/** Opens a cursor. @throws ScimError SCIM_CURSOR (forged, changed, for something else: one wording), SCIM_CURSOR_EXPIRED */
export function openCursor(
  text: string,
  bound: Bound,
  parts: { readonly key: Uint8Array; readonly now: number },
): Progress {
  const { at, ...progress } = unsealed(text, bound, parts.key);
  if (parts.now > at + CURSOR_SECONDS * 1000) throw refuse('SCIM_CURSOR_EXPIRED', { seconds: CURSOR_SECONDS });
  return progress;
}

function unsealed(text: string, bound: Bound, key: Uint8Array): Progress & { readonly at: number } {
  if (text.length > LONGEST || !/^[A-Za-z0-9_-]+$/.test(text)) throw refuse('SCIM_CURSOR');
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length <= NONCE + TAG) throw refuse('SCIM_CURSOR');
  try {
    const cipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE), { authTagLength: TAG });
    cipher.setAAD(aad(bound));
    cipher.setAuthTag(bytes.subarray(bytes.length - TAG));
    const opened = Buffer.concat([cipher.update(bytes.subarray(NONCE, bytes.length - TAG)), cipher.final()]);
    return JSON.parse(opened.toString('utf8')) as Progress & { readonly at: number };
  } catch {
    throw refuse('SCIM_CURSOR');
  }
}

function aad({ connection, credential, types, search }: Bound): Buffer {
  const { filter = null, sortBy = null, sortOrder } = search;
  return Buffer.from(canonical({ version: 1, connection, credential, types, filter, sortBy, sortOrder }));
}
