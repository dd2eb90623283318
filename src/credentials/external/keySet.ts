import type { Http } from '../../access/ports/http.ts';
import { type JwtConfig, keysOf } from '../../config/jwt.ts';
import { checked, type PublicKey } from '../publicKeys.ts';

const TIMEOUT = 5_000;
const LARGEST = 256 * 1024;
/** Keys of one set that are looked at. */
const MOST = 100;

type Asking = Pick<Http, 'send'>;

/** The usable keys of the JWK set at an address; others are left out (RFC 7517 §5). @throws Error that says why there are none */
export async function readKeySet(url: string, http: Asking): Promise<readonly PublicKey[]> {
  const answer = await http.send({
    ...{ method: 'GET', url, headers: { accept: 'application/json' }, timeout: TIMEOUT, limit: LARGEST },
  });
  if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
  const document = JSON.parse(answer.body) as { keys?: unknown } | null;
  const keys = document?.keys;
  if (!Array.isArray(keys)) throw new Error('the answer is no JWK set');
  const usable = keys.slice(0, MOST).flatMap((key: unknown) => {
    try {
      return [checked(key as Record<string, unknown>)];
    } catch {
      return [];
    }
  });
  if (usable.length === 0) throw new Error('there is no usable key in it');
  return usable;
}

/** A connection whose issuer's keys cannot be read. */
export interface UnreadIssuer {
  readonly connection: string;
  readonly url: string;
  readonly failure: string;
}

/** Asks the issuers of the connections for their keys, each address once; those that do not give any. */
export async function unreadIssuers(
  connections: readonly { readonly name: string; readonly jwt?: JwtConfig }[],
  http: Asking,
): Promise<readonly UnreadIssuer[]> {
  const failures = new Map<string, Promise<string | undefined>>();
  const failure = (url: string): Promise<string | undefined> => {
    const asked =
      failures.get(url) ??
      readKeySet(url, http).then(
        () => undefined,
        (error: Error) => error.message,
      );
    failures.set(url, asked);
    return asked;
  };
  const found = await Promise.all(
    connections.map(async ({ name: connection, jwt }): Promise<readonly UnreadIssuer[]> => {
      const url = jwt === undefined ? undefined : keysOf(jwt);
      const why = url === undefined ? undefined : await failure(url);
      return url === undefined || why === undefined ? [] : [{ connection, url, failure: why }];
    }),
  );
  return found.flat();
}
