import { createHash } from 'node:crypto';
import { sparingLog } from '../../access/sparing.ts';
import { refuse } from '../../errors.ts';
import { ACCESS_SECONDS, accessMac, formatAccess } from '../accessToken.ts';
import { inOrder, type TokenRecord } from '../credentials.ts';
import type { CredentialsDeps } from '../deps.ts';
import { createLastUse } from '../lastUse.ts';
import { liveRow } from '../liveRow.ts';
import { ended, type LiveRow, NOBODY, present, reachable } from '../tokenRow.ts';
import { sameMac, tokenMac } from '../tokenSeal.ts';
import { readAssertion, verifyAssertion } from './assertion.ts';
import { proofOf } from './proof.ts';

/** A request at the token endpoint, as far as it tells who asks. */
interface ClientRequest {
  readonly authorization: string | undefined;
  /** Fields of the form. */
  readonly form: ReadonlyMap<string, string>;
  /** Address of the client. */
  readonly from: string;
  /** URL of the token endpoint: what an assertion has to be meant for. */
  readonly endpoint: string;
}

/** RFC 6749 §5.1. */
interface AccessToken {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
  /** Separated by blanks. */
  readonly scope: string;
}

/** OAuth 2.0 clients: client_secret_basic, client_secret_post (RFC 6749 §2.3.1) and private_key_jwt (RFC 7523 §2.2), grant client_credentials. */
export interface Clients {
  /** @throws ScimError AUTH_CLIENT: one answer for whatever is wrong; AUTH_REQUEST where two ways are mixed */
  authenticate(request: ClientRequest): Promise<TokenRecord>;
  /** A token for some or all scopes of a client that was authenticated. @throws ScimError AUTH_SCOPES, AUTH_CLIENT */
  issue(client: TokenRecord, scope: string | undefined): Promise<AccessToken>;
}

/** Milliseconds for which an assertion is remembered after its end: a clock may be set back by so much and nobody is refused for it. */
const REMEMBERED = 30 * 86_400_000;

export function createClients(deps: Omit<CredentialsDeps, 'external'>): Clients {
  const { store, keys, clock } = deps;
  const log = sparingLog(deps.log, clock);
  const lastUse = createLastUse(deps);

  function refused(reason: string, client?: string): never {
    log.warn('a client was refused', { reason, ...(client === undefined ? {} : { client }) });
    throw refuse('AUTH_CLIENT');
  }

  const clientRow = (id: string): Promise<LiveRow | undefined> => store.read((db) => liveRow(db, id));

  async function bySecret(id: string, secret: Uint8Array): Promise<LiveRow> {
    const row = await clientRow(id);
    const mac = tokenMac(keys, row ?? { ...NOBODY, key_version: keys.current }, secret);
    if (!sameMac(mac, row?.mac ?? '') || row === undefined || row.jwks !== null) return refused('wrong id or secret');
    return row;
  }

  async function byAssertion(text: string, endpoint: string): Promise<LiveRow> {
    const assertion = readAssertion(text);
    if (assertion === undefined) return refused('the assertion is no JWT that a client may send');
    const row = await clientRow(assertion.client);
    if (row === undefined || row.jwks === null || !sameMac(tokenMac(keys, row, new Uint8Array()), row.mac))
      return refused('no such client, or it has a secret');
    const proven = await verifyAssertion(text, assertion, { jwks: row.jwks, endpoint, now: clock.now() });
    if (typeof proven === 'string') return refused(proven, row.id);
    const why = await spent(`${row.id} ${proven.jti}`, proven.until);
    if (why !== undefined) return refused(why, row.id);
    return row;
  }

  /**
   * Notes an assertion, or says why it may have been used. What is forgotten goes by the highest time seen, and so does what is refused as
   * forgotten: a clock that was ahead, or is set back, revives none.
   */
  async function spent(name: string, until: number): Promise<string | undefined> {
    const key = createHash('sha256').update(name).digest('hex');
    return store.write(async ({ db }) => {
      const highest = (await db.selectFrom('clock').select('highest_ms').executeTakeFirst())?.highest_ms ?? 0;
      const known = highest - REMEMBERED;
      if (until < known)
        return 'it is of a time of which used assertions are forgotten: the clock was set back (`clock show`)';
      await db.deleteFrom('assertions').where('expires_ms', '<', known).execute();
      const { numInsertedOrUpdatedRows: made = 0n } = await db
        .insertInto('assertions')
        .values({ key, expires_ms: until })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return made > 0n ? undefined : 'the assertion was used before';
    });
  }

  return {
    async authenticate({ authorization, form, from, endpoint }) {
      const proof = proofOf(authorization, form);
      const row =
        proof === undefined
          ? refused(
              authorization === undefined && !form.has('client_secret')
                ? 'it did not say who it is'
                : 'there is no id and secret of ours in it, or they are mistyped',
            )
          : 'secret' in proof
            ? await bySecret(proof.id, proof.secret)
            : await byAssertion(proof.assertion, endpoint);
      const named = form.get('client_id');
      if (named !== undefined && named.toLowerCase() !== row.id) return refused('client_id names another one', row.id);
      const over = ended(row, 'client', clock.now());
      if (over !== undefined) return refused(over, row.id);
      if (!reachable(row, from)) return refused('from a network it is not allowed from', row.id);
      lastUse.touch(row);
      return present(row);
    },

    async issue(client, scope) {
      const row = await clientRow(client.id);
      if (row === undefined || row.mac === '' || ended(row, 'client', clock.now()) !== undefined)
        return refused('it has just ended');
      const wanted = scope === undefined ? client.scopes : [...new Set(scope.split(' '))];
      if (wanted.some((one) => !client.scopes.includes(one))) throw refuse('AUTH_SCOPES');
      const now = Math.floor(clock.now() / 1000);
      const end = row.expires_at === null ? Number.POSITIVE_INFINITY : Math.floor(Date.parse(row.expires_at) / 1000);
      const expires = Math.min(now + ACCESS_SECONDS, end);
      const claims = { client: row.id, expires, scopes: inOrder(wanted), version: keys.current };
      const mac = accessMac(keys, claims, row);
      if (mac === undefined) throw new Error(`there is no token key of version ${keys.current}`);
      return {
        access_token: formatAccess(claims, mac),
        token_type: 'Bearer',
        expires_in: expires - now,
        scope: wanted.join(' '),
      };
    },
  };
}
