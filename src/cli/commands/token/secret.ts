import { readFileSync } from 'node:fs';
import { unreadable } from '../../failure.ts';
import { secretFile } from '../../secretFile.ts';

/** A credential that was made, and what is shown in the place of its secret. */
export interface HandedOver<T> {
  readonly made: T;
  /** Null where the secret is in a file, or where there is none. */
  readonly json: string | null;
  readonly text: string;
  /** The end of a line, where something was shown or written that nobody can ask for again. */
  readonly once: string;
}

/**
 * Makes a credential and hands its secret over: shows it, or writes it to a file of mode 0600 that must not exist.
 * @throws NodeJS.ErrnoException, ScimError CLI_FILE where it cannot be
 */
export async function handOver<T extends { readonly token: string | null }>(
  out: string | undefined,
  make: () => Promise<T>,
): Promise<HandedOver<T>> {
  const none = { json: null, text: '(no secret: the client signs with its private key)', once: '' };
  const once = ' The secret is not shown again.';
  if (out === undefined) {
    const made = await make();
    return made.token === null ? { made, ...none } : { made, json: made.token, text: made.token, once };
  }
  return secretFile(out, async (keep) => {
    const made = await make();
    if (made.token === null) return { made, ...none };
    keep(made.token);
    return { made, json: null, text: `(written to ${out})`, once };
  });
}

/** The text of a file with public keys. @throws ScimError CLI_USAGE */
export function publicKeysFrom(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}
