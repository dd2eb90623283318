import { readFileSync } from 'node:fs';
import { reasonOfCode } from '../errors/systemReason.ts';
import { refuse, ScimError } from '../errors.ts';
import { readableByOthers } from './files.ts';
import type { SecretRef } from './secret.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How a reference is named in messages; never the value. */
function secretName(ref: SecretRef): string {
  const name = 'env' in ref ? `env:${ref.env}` : `file:${ref.file}`;
  return ref.from === undefined ? name : `${name} (${ref.from})`;
}

/**
 * Reads a secret where its reference points; a trailing line end of a file is dropped, and a byte order mark.
 * @throws ScimError CFG_SECRET (absent, empty, unreadable), CFG_FILE_MODE
 */
export function resolveSecret(ref: SecretRef, environment: Environment): string {
  const value = 'env' in ref ? environment[ref.env] : readSecretFile(ref, ref.file);
  const reason = value === undefined ? 'the variable is not set' : value.trim() === '' ? 'it is empty' : undefined;
  if (reason !== undefined || value === undefined)
    throw refuse('CFG_SECRET', { reference: secretName(ref), reason: reason ?? '' });
  return value.replace(/\r?\n$/, '');
}

function readSecretFile(ref: SecretRef, path: string): string {
  try {
    const mode = readableByOthers(path);
    if (mode !== undefined) throw mode;
    return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    if (error instanceof ScimError) throw error;
    throw refuse(
      'CFG_SECRET',
      { reference: secretName(ref), reason: reasonOfCode((error as NodeJS.ErrnoException).code ?? 'unreadable') },
      error,
    );
  }
}
