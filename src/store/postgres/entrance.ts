import { refuse, type ScimError } from '../../errors.ts';
import { sqlState } from './sqlState.ts';

const CERTIFICATES: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself, and sslrootcert does not name it',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is signed by an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an authority that is not known here',
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by the authority that it names',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; is the clock right?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name than the host in the URL',
};

/**
 * The refusal of a server, or of its certificate, before anything can be asked: what it is and what mends it. Undefined for any other
 * error. What the server says of a password it says by SQLSTATE alone; nothing of the URL is repeated.
 */
export function refusedEntry(error: unknown): ScimError | undefined {
  if (!(error instanceof Error)) return undefined;
  return byState(error) ?? byCertificate(error) ?? byClient(error);
}

function byState(error: Error): ScimError | undefined {
  const { message } = error;
  switch (sqlState(error)) {
    case '28P01':
      return login('it accepts no such user with this password', error);
    case '28000':
      if (/client certificate/i.test(message))
        return tls('the server wants a client certificate: sslcert=/path and sslkey=/path', error);
      return /pg_hba\.conf/.test(message) ? unruled(error) : login('the role is not there or has no LOGIN', error);
    case '3D000':
      return unopened('there is none of this name', error);
    case '42501':
      return /for database/.test(message) ? unopened('the role may not connect to it', error) : undefined;
    case '55000':
      return /accepting connections/.test(message) ? unopened('it accepts no connections', error) : undefined;
    case '57P03':
      return refuse('STORE_UNREACHABLE', { reason: 'the server is starting or stopping' }, error);
    case '53300':
      return refuse('STORE_CONNECTIONS', { reason: limitOf(message) }, error);
    default:
      return undefined;
  }
}

/** Which limit is reached: servers name their own in words only. */
function limitOf(message: string): string {
  if (/too many connections for role/.test(message)) return 'the role has as many as its CONNECTION LIMIT allows';
  if (/too many connections for database/.test(message))
    return 'the database has as many as its CONNECTION LIMIT allows';
  return 'there are as many as max_connections allows';
}

function unruled(error: Error): ScimError {
  const open = /no encryption|SSL off/i.test(error.message);
  const denied = /rejects connection/.test(error.message)
    ? 'pg_hba.conf rejects it'
    : 'pg_hba.conf has no entry for it';
  return refuse('STORE_HBA', { reason: `${denied}${open ? ', as it comes without encryption' : ''}` }, error);
}

function byCertificate(error: Error): ScimError | undefined {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : CERTIFICATES[code];
  if (reason !== undefined) return tls(reason, error);
  return code?.startsWith('ERR_SSL_') || code?.startsWith('ERR_OSSL_') ? tls(`OpenSSL says ${code}`, error) : undefined;
}

/** What the client says by itself; it has no codes for it. */
function byClient(error: Error): ScimError | undefined {
  if (/does not support SSL/i.test(error.message)) return tls('the server has ssl = off', error);
  if (/password must be a/i.test(error.message)) return login('it wants a password, and the URL has none', error);
  return undefined;
}

const NOBODY: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOENT: 'there is no such socket',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name service does not answer',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'the host does not answer',
};

interface Where {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly errors?: readonly Where[];
}

/** A network that leads to no server; undefined for any other error, and for a connection that was there and is lost. */
export function notReached(error: unknown): ScimError | undefined {
  if (!(error instanceof Error) || sqlState(error) !== undefined) return undefined;
  const { code, errors, ...where } = error as Where & Error;
  const reason = code === undefined ? undefined : NOBODY[code];
  if (reason === undefined) return undefined;
  // A name with several addresses fails with all of them.
  const { address, port, hostname } = errors?.[0] ?? where;
  const place = hostname ?? (address === undefined ? undefined : port === undefined ? address : `${address}:${port}`);
  return refuse('STORE_UNREACHABLE', { reason: place === undefined ? reason : `${reason} (${place})` }, error);
}

function login(reason: string, error: Error): ScimError {
  return refuse('STORE_LOGIN', { reason }, error);
}

function tls(reason: string, error: Error): ScimError {
  return refuse('STORE_TLS', { reason }, error);
}

function unopened(reason: string, error: Error): ScimError {
  return refuse('STORE_DATABASE', { reason }, error);
}
