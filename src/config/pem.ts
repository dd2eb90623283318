import { readFileSync } from 'node:fs';
import { reasonOfCode } from '../errors/systemReason.ts';
import { refuse, ScimError } from '../errors.ts';

/**
 * A PEM file that the configuration names, unless `problem` finds one with its mode.
 * @param key where the configuration names it, e.g. `server.tls.key`
 * @throws ScimError CFG_SECRET, CFG_FILE_MODE
 */
export function readPem(path: string, key: string, problem: (path: string) => ScimError | undefined): Buffer {
  const reference = `file:${path} (${key})`;
  try {
    const found = problem(path);
    if (found !== undefined) throw found;
    const content = readFileSync(path);
    if (!content.includes('-----BEGIN ')) throw refuse('CFG_SECRET', { reference, reason: 'it is no PEM' });
    return content;
  } catch (error) {
    if (error instanceof ScimError) throw error;
    const reason = reasonOfCode((error as NodeJS.ErrnoException).code ?? 'unreadable');
    throw refuse('CFG_SECRET', { reference, reason }, error);
  }
}
