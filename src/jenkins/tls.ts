import { readFileSync } from 'node:fs';
import { readableByOthers, writableByOthers } from '../config/files.ts';
import { refuse, ScimError } from '../errors.ts';

/** Paths of PEM files, as `controllers.*.tls` names them. */
export interface TlsFiles {
  /** Authorities that replace the built-in ones. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Options of a TLS socket. Verification is on whatever the environment says. @throws ScimError CFG_SECRET, CFG_FILE_MODE */
export function readTrust(files: TlsFiles = {}): {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly rejectUnauthorized: true;
  readonly minVersion: 'TLSv1.2';
} {
  return {
    ...(files.ca === undefined ? {} : { ca: read(files.ca, writableByOthers) }),
    ...(files.cert === undefined ? {} : { cert: read(files.cert, writableByOthers) }),
    ...(files.key === undefined ? {} : { key: read(files.key, readableByOthers) }),
    rejectUnauthorized: true,
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
