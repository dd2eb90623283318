import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { type ConnectionOptions, createSecureContext, getCACertificates } from 'node:tls';
import { isLoopback } from '../../config/loopback.ts';
import { refuse, type ScimError } from '../../errors.ts';

/** Where the server is and how it is spoken to. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  readonly ssl: ConnectionOptions | false;
}

const PARAMETERS = new Set(['host', 'port', 'user', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'application_name']);

export function isPostgres(url: string): boolean {
  return /^postgres(ql)?:\/\//.test(url);
}

/**
 * Reads `postgres://user:password@host:5432/database?sslmode=verify-full&sslrootcert=/path`; `?host=/folder` is a socket,
 * and so is `%2Ffolder` as the host. Off loopback the server's certificate is checked against its name, and nothing less is accepted.
 * @throws ScimError STORE_ADDRESS, STORE_TLS; no part of the URL but the parameter at fault is quoted
 */
export function address(url: string, read: (path: string) => string = (path) => readFileSync(path, 'utf8')): Address {
  // libpq takes a list, and tries one after another; which of them is in charge is not ours to find out.
  const [, hosts] = /^postgres(?:ql)?:\/\/(?:[^/?@]*@)?([^/?@]*)(?=[/?]|$)/.exec(url) ?? [];
  if (hosts?.includes(',')) throw severalHosts();
  let parsed: URL;
  // libpq takes a user without a host, for sockets; a URL does not.
  const hostless = /^postgres(ql)?:\/\/[^/@]*@(?=[/?])/.test(url);
  try {
    parsed = new URL(hostless ? url.replace('@', '@hostless') : url);
  } catch {
    const reason = 'it is no URL; encode special characters of the password as %XX; a port is a number up to 65535';
    throw refuse('STORE_ADDRESS', { reason });
  }
  const query = parsed.searchParams;
  for (const name of query.keys()) {
    if (!PARAMETERS.has(name)) {
      const known = [...PARAMETERS].join(', ');
      throw refuse('STORE_ADDRESS', { reason: `the parameter ${name} is not known; leave it out, there are ${known}` });
    }
    if (query.getAll(name).length > 1)
      throw refuse('STORE_ADDRESS', { reason: `the parameter ${name} stands there twice` });
  }
  const host = query.get('host') ?? decoded(hostless ? '' : parsed.hostname).replace(/^\[|\]$/g, '');
  const database = decoded(parsed.pathname.slice(1));
  const user = query.get('user') ?? decoded(parsed.username);
  if (host === '') throw refuse('STORE_ADDRESS', { reason: 'it names no host' });
  if (host.includes(',') || query.get('port')?.includes(',')) throw severalHosts();
  if (user === '' || database === '') throw refuse('STORE_ADDRESS', { reason: 'it names no user or no database' });
  const port = Number(query.get('port') ?? (parsed.port === '' ? 5432 : parsed.port));
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw refuse('STORE_ADDRESS', { reason: 'its port is none' });
  return {
    host,
    port,
    database,
    user,
    ...(parsed.password === '' ? {} : { password: decoded(parsed.password) }),
    ssl: encryption(host, query, read),
  };
}

function severalHosts(): ScimError {
  const reason =
    'it names several hosts: name the one that always leads to the server in charge, a service name, virtual address or pooler';
  return refuse('STORE_ADDRESS', { reason });
}

function encryption(host: string, query: URLSearchParams, read: (path: string) => string): Address['ssl'] {
  const mode = query.get('sslmode') ?? undefined;
  const local = host.startsWith('/') || isLoopback(host);
  if (mode !== undefined && mode !== 'verify-full' && mode !== 'disable')
    throw refuse('STORE_ADDRESS', { reason: `sslmode=${mode} does not check who answers; write sslmode=verify-full` });
  if (mode === 'disable' && !local)
    throw refuse('STORE_ADDRESS', { reason: 'sslmode=disable is for loopback and sockets only; write verify-full' });
  if (local && mode !== 'verify-full') return false;
  const file = (name: string): string | undefined => {
    const path = query.get(name);
    if (path === null) return undefined;
    try {
      return read(path);
    } catch {
      const from = isAbsolute(path) ? '' : '; a relative path counts from the folder in which the command runs';
      throw refuse('STORE_ADDRESS', { reason: `the file of ${name} cannot be read${from}` });
    }
  };
  // As libpq has it: what the machine trusts, not what Node.js brings.
  const ca = query.get('sslrootcert') === 'system' ? getCACertificates('system') : file('sslrootcert');
  // OpenSSL takes anything else for a file without authorities, and the server would be blamed.
  if (typeof ca === 'string' && !/-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----/.test(ca))
    throw refuse('STORE_TLS', { reason: 'the file of sslrootcert holds no certificate in PEM' });
  return {
    rejectUnauthorized: true,
    ...(isIP(host) === 0 && !host.startsWith('/') ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...clientPair(file('sslcert'), file('sslkey')),
  };
}

/** What the server is shown, where it wants a client certificate. */
function clientPair(
  cert: string | undefined,
  key: string | undefined,
): { readonly cert?: string; readonly key?: string } {
  if (cert === undefined && key === undefined) return {};
  if (cert === undefined || key === undefined)
    throw refuse('STORE_ADDRESS', { reason: 'sslcert and sslkey go together, and one of them is missing' });
  try {
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    const isOther = (error as NodeJS.ErrnoException).code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH';
    const reason = isOther
      ? 'sslkey is not the key of the certificate in sslcert'
      : 'the files of sslcert and sslkey are not both PEM, the key without a passphrase';
    throw refuse('STORE_ADDRESS', { reason }, error);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse('STORE_ADDRESS', { reason: 'a % in it is not followed by two hexadecimal digits' });
  }
}
