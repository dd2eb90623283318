import type { JWTPayload } from 'jose';
import { type Clock, instant } from '../../access/ports/clock.ts';
import type { Http } from '../../access/ports/http.ts';
import type { Log } from '../../access/ports/log.ts';
import type { StorePort } from '../../access/ports/store.ts';
import { sparingLog } from '../../access/sparing.ts';
import { ALGORITHMS, type JwtConfig, keysOf } from '../../config/jwt.ts';
import { parseNetwork } from '../../config/network.ts';
import { refuse } from '../../errors.ts';
import type { Tables } from '../../store/tables.ts';
import { type Person, pushes, type TokenRecord } from '../credentials.ts';
import { inside } from '../network.ts';
import { claimed, verified, WRONG_SIGNATURE } from '../signedText.ts';
import { LAST_USED_EVERY } from '../tokenRow.ts';
import { delegated } from './delegated.ts';
import { issuedAfter, outlives } from './issued.ts';
import { createIssuerKeys, type IssuerKeys } from './issuerKeys.ts';
import { callerOf, IssuerMarks } from './marks.ts';
import { type Pin, wrongPin } from './pins.ts';

/** Milliseconds since the epoch of the last date there is (ECMA-262 §21.4.1.1). */
const LATEST = 8.64e15;

/** JWTs that the issuers of connections sign. */
export interface ExternalTokens {
  /** `from` is the address of the client. @throws ScimError AUTH_INVALID; AUTH_KEYS while the keys cannot be had */
  verify(text: string, from: string | undefined): Promise<TokenRecord>;
}

interface ExternalTokensDeps {
  readonly connections: readonly { readonly name: string; readonly jwt?: JwtConfig }[];
  readonly http: Pick<Http, 'send'>;
  readonly store: StorePort<Tables>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Trusted {
  readonly name: string;
  readonly jwt: JwtConfig;
  readonly networks: readonly string[];
  readonly keys: IssuerKeys;
}

/**
 * Issuer, audience, tenant and caller are pinned by the connection's configuration; all of them have to be right before a key is
 * looked for, and are looked at again once the signature is.
 */
export function createExternalTokens(deps: ExternalTokensDeps): ExternalTokens {
  const { store, clock } = deps;
  const log = sparingLog(deps.log, clock);
  const trusted = trust(deps);
  const marks = new IssuerMarks(store);
  const seen = new Map<string, number>();

  function touch(connection: string): void {
    const now = clock.now();
    if (now - (seen.get(connection) ?? Number.NEGATIVE_INFINITY) < LAST_USED_EVERY) return;
    seen.set(connection, now);
    const row = { connection, last_used_at: instant(clock) };
    store
      .write(({ db }) =>
        db
          .insertInto('issuers')
          .values(row)
          .onConflict((conflict) => conflict.column('connection').doUpdateSet(row))
          .execute(),
      )
      .catch((error: Error) => log.warn('last use of an issuer is not stored', { connection, reason: error.message }));
  }

  function refused(reason: string, connection?: string): never {
    log.warn('a JWT was refused', { reason, ...(connection === undefined ? {} : { connection }) });
    throw refuse('AUTH_INVALID');
  }

  return {
    async verify(text, from) {
      if (trusted.length === 0) throw refuse('AUTH_INVALID');
      const token = claimed(text, ALGORITHMS);
      if (token === undefined)
        return refused('it is no JWT, too long, or of an algorithm or kind that is not accepted');
      const pins = trusted.map((one) => ({ one, wrong: wrongPin(one.jwt, token.payload) }));
      const match = pins.find(({ wrong }) => wrong === undefined)?.one;
      if (match === undefined) return refused(`no connection takes it: ${nearest(pins)}`);
      const { name, jwt, networks, keys } = match;
      if (!jwt.algorithms.some((known) => known === token.algorithm))
        return refused('its algorithm is not in the list of the connection', name);
      const expected = { ...jwt, now: clock.now() };
      const first = await verified(text, await keys.for(token), expected);
      const newer = first === WRONG_SIGNATURE ? await keys.anew(token) : [];
      const payload = newer.length === 0 ? first : await verified(text, newer, expected);
      if (typeof payload === 'string') return refused(payload, name);
      const other = wrongPin(jwt, payload);
      if (other !== undefined) return refused(`its ${other} is another one`, name);
      if (networks.length > 0 && !inside(networks, from))
        return refused('it comes from a network that is not allowed', name);
      if (outlives(payload, jwt.lifetime, clock.now()))
        return refused('it has no iat and lives longer than `lifetime` of the connection says', name);
      const issued = issuedAfter(payload, jwt.lifetime);
      if (!(await marks.admits(name, issued)))
        return refused(
          issued === undefined
            ? 'such a token is marked as compromised, and this one has no iat: `lifetime` of the connection is not given'
            : 'it may have been issued before somebody marked such a token as compromised',
          name,
        );
      const person = personOf(jwt, payload);
      if (person === null) return refused(`its claim ${jwt.person?.claim} names nobody`, name);
      const strange = person === undefined ? delegated(jwt, payload) : undefined;
      if (strange !== undefined) return refused(strange, name);
      const record = recordOf(name, jwt, payload, person);
      if (pushes(record.scopes)) touch(name);
      return record;
    },
  };
}

function trust({ connections, http, clock, log }: ExternalTokensDeps): Trusted[] {
  const byUrl = new Map<string, IssuerKeys>();
  return connections.flatMap(({ name, jwt }) => {
    const url = jwt === undefined ? undefined : keysOf(jwt);
    if (jwt === undefined || url === undefined) return [];
    const keys = byUrl.get(url) ?? createIssuerKeys({ url, http, clock, log });
    byUrl.set(url, keys);
    return [{ name, jwt, keys, networks: jwt.networks.flatMap((text) => parseNetwork(text) ?? []) }];
  });
}

/** The pin that came last in the row of those that were right: the most helpful word for whoever sets it up. */
function nearest(pins: readonly { readonly wrong: Pin | undefined }[]): string {
  const order: readonly Pin[] = ['caller', 'tenant', 'audience', 'issuer'];
  return `its ${order.find((pin) => pins.some(({ wrong }) => wrong === pin)) ?? 'issuer'} is another one`;
}

/** Whom a token stands for; null where the claim is there and no text: it stands for nobody and opens nothing. */
function personOf({ person }: JwtConfig, payload: JWTPayload): Person | null | undefined {
  if (person === undefined || !Object.hasOwn(payload, person.claim)) return undefined;
  const value = payload[person.claim];
  if (typeof value !== 'string' || value.trim() === '') return null;
  return { attribute: person.attribute, value };
}

function recordOf(connection: string, jwt: JwtConfig, payload: JWTPayload, person: Person | undefined): TokenRecord {
  // A JWT may say any number (RFC 7519 §2); a date ends somewhere.
  const time = (seconds = 0): string =>
    new Date(Math.min(LATEST, Math.max(-LATEST, Math.trunc(seconds * 1000)))).toISOString();
  return Object.freeze({
    id: callerOf(connection),
    kind: 'scim' as const,
    connection,
    scopes: person === undefined ? jwt.scopes : [],
    ...(person === undefined ? {} : { person }),
    createdAt: time(payload.iat),
    expiresAt: time(payload.exp),
    lastUsedAt: null,
    revokedAt: null,
  });
}
