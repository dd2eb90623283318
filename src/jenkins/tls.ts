import { readableByOthers, writableByOthers } from '../config/files.ts';
import { readPem } from '../config/pem.ts';

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
    ...(files.ca === undefined ? {} : { ca: readPem(files.ca, 'tls.ca', writableByOthers) }),
    ...(files.cert === undefined ? {} : { cert: readPem(files.cert, 'tls.cert', writableByOthers) }),
    ...(files.key === undefined ? {} : { key: readPem(files.key, 'tls.key', readableByOthers) }),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  };
}
