import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { unreadable } from '../../failure.ts';

/** A credential that was made, and what is shown in the place of its secret. */
export interface HandedOver<T> {
  readonly made: T;
  /** Null where the secret is in a file, or where there is none. */
  readonly json: string | null;
  readonly text: string;
}

/**
 * Makes a credential and hands its secret over: shows it, or writes it to a file of mode 0600 that must not exist. The file is
 * opened first: a secret that nobody could read would still be valid. @throws NodeJS.ErrnoException where it cannot be
 */
export async function handOver<T extends { readonly token: string | null }>(
  out: string | undefined,
  make: () => Promise<T>,
): Promise<HandedOver<T>> {
  const none = '(no secret: the client signs with its private key)';
  if (out === undefined) {
    const made = await make();
    return { made, json: made.token, text: made.token ?? none };
  }
  const file = openSync(out, 'wx', 0o600);
  let kept = false;
  try {
    const made = await make();
    if (made.token === null) return { made, json: null, text: none };
    writeSync(file, `${made.token}\n`);
    kept = true;
    return { made, json: null, text: `(written to ${out})` };
  } finally {
    closeSync(file);
    if (!kept) rmSync(out, { force: true });
  }
}

/** The text of a file with public keys. @throws ScimError CLI_USAGE */
export function publicKeysFrom(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}
