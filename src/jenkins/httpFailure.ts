import { HttpFailure } from '../access/ports/http.ts';

const KIND: Readonly<Record<string, HttpFailure['kind']>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  FORBIDDEN_ADDRESS: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  EPROTO: 'tls',
};

const TLS = /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|CRL_)/;

/** Turns what undici or Node threw into a failure of a known kind; the message is made here, so that no header is quoted. */
export function failureOf(error: unknown, sent: boolean, proxied: boolean): HttpFailure {
  if (error instanceof HttpFailure) return error;
  const chain = [...causes(error)];
  const codes = chain.map((one) => (one as { code?: unknown }).code).filter((code) => typeof code === 'string');
  const code = codes.find((one) => one in KIND || TLS.test(one)) ?? codes[0] ?? 'unknown';
  const kind = TLS.test(code) ? 'tls' : KIND[code];
  const refusedByProxy = chain.find((one) => /^Proxy response \(\d+\)/.test(one.message));
  if (proxied && refusedByProxy !== undefined)
    return new HttpFailure('proxy', false, refusedByProxy.message.replace(/[^\x20-\x7e]/g, '').slice(0, 80));
  if (kind !== undefined) {
    const told = chain.find((one) => (one as { code?: unknown }).code === code)?.message ?? code;
    return new HttpFailure(kind, sent, kind === 'tls' ? toldPlainly(told) : code === 'FORBIDDEN_ADDRESS' ? told : code);
  }
  return new HttpFailure('reset', sent, `the connection ended (${code})`);
}

/** OpenSSL's reason out of its line of numbers and places, and Node's without the advice of flags that nobody can give us. */
function toldPlainly(told: string): string {
  const reason =
    /:SSL routines:[^:]*:([^:]+):/.exec(told)?.[1] ?? told.replace(/; if the root CA is installed.*$/s, '');
  return reason.trim();
}

function* causes(error: unknown): Generator<Error> {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    yield current;
    if (current instanceof AggregateError) yield* (current.errors as unknown[]).filter((one) => one instanceof Error);
    current = current.cause;
  }
}
