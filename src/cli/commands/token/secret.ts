import { readFileSync, writeFileSync } from 'node:fs';
import { usage } from '../../failure.ts';

/** What is shown in the place of a secret: itself, or the file it was written to (mode 0600, never over another file). */
export function handOver(
  token: string | null,
  out: string | undefined,
): { readonly json: string | null; readonly text: string } {
  if (token === null) return { json: null, text: '(no secret: the client signs with its private key)' };
  if (out === undefined) return { json: token, text: token };
  writeFileSync(out, `${token}\n`, { mode: 0o600, flag: 'wx' });
  return { json: null, text: `(written to ${out})` };
}

/** Refuses to make a secret that could not be written afterwards. @throws ScimError CLI_USAGE */
export function checkOut(out: string | undefined, exists: (path: string) => boolean): void {
  if (out !== undefined && exists(out)) throw usage(`${out} exists already; nothing was made`);
}

/** The text of a file with public keys. @throws ScimError CLI_USAGE */
export function publicKeysFrom(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usage(`the public key cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unreadable'} ${path}`);
  }
}
