import { readableByOthers, writableByOthers } from '../config/files.ts';
import { readPem } from '../config/pem.ts';
import type { ServerConfig } from '../config/schema.ts';

interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
}

/** Certificate chain and private key of the listener. @throws ScimError CFG_SECRET, CFG_FILE_MODE */
export function readTls(tls: NonNullable<ServerConfig['tls']>): TlsMaterial {
  return {
    cert: readPem(tls.cert, 'server.tls.cert', writableByOthers),
    key: readPem(tls.key, 'server.tls.key', readableByOthers),
    minVersion: 'TLSv1.2',
  };
}
