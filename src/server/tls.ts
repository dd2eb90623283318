import { readFileSync } from 'node:fs';
import { readableByOthers, writableByOthers } from '../config/files.ts';
import type { ServerConfig } from '../config/schema.ts';
import { refuse, ScimError } from '../errors.ts';

export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
}

/** Certificate chain and private key of the listener. @throws ScimError CFG_SECRET, CFG_FILE_MODE */
export function readTls(tls: NonNullable<ServerConfig['tls']>): TlsMaterial {
  return {
    cert: read(tls.cert, writableByOthers),
    key: read(tls.key, readableByOthers),
    minVersion: 'TLSv1.2',
  };
}

function read(path: string, problem: (path: string) => ScimError | undefined): Buffer {
  try {
    const found = problem(path);
    if (found !== undefined) throw found;
    return readFileSync(path);
  } catch (error) {
    if (error instanceof ScimError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw refuse('CFG_SECRET', { reference: `file:${path}`, reason }, error);
  }
}
