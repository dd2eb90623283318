import { canonical } from '../access/canonical.ts';
import { instant } from '../access/ports/clock.ts';
import { sparingLog } from '../access/sparing.ts';
import { refuse } from '../errors.ts';
import type { TokensTable } from '../store/tables/credentials.ts';
import { accessMac, parseAccess } from './accessToken.ts';
import type { Credentials, Made, TokenKind } from './credentials.ts';
import type { CredentialsDeps } from './deps.ts';
import { issuedFor } from './external/marks.ts';
import { createLastUse } from './lastUse.ts';
import { liveRow } from './liveRow.ts';
import { checkOrder, LONGEST_LIFE, type Order } from './order.ts';
import { type Proven, ProvenTokens } from './proven.ts';
import { endRotations, placesOf } from './rotationRows.ts';
import { credentialEvent, ended, LAST_USED_EVERY, type LiveRow, NOBODY, present, reachable } from './tokenRow.ts';
import { type SealedColumns, sameMac, tokenMac } from './tokenSeal.ts';
import { bearer, formatToken, parseToken, SECRET_BYTES, type TokenText } from './tokenText.ts';

export { LAST_USED_EVERY };

export function createCredentials(deps: CredentialsDeps): Credentials {
  const { store, keys, clock, recorder } = deps;
  const log = sparingLog(deps.log, clock);
  const lastUse = createLastUse(deps);
  const proven = new ProvenTokens(store, keys.byVersion);

  async function make(order: Order, actor: string): Promise<Made> {
    const { row, token } = newRow(deps, order, actor);
    await store.write(async (tx) => {
      await tx.db.insertInto('tokens').values(row).execute();
      await recorder.record(tx, credentialEvent('credential.created', row, actor));
    });
    return { ...present(row), token };
  }

  /** Our log tells which it was and why; the caller hears what everybody hears. */
  function refused({ id }: LiveRow, reason: string): never {
    log.warn('a token was refused', { credential: id, reason });
    throw refuse('AUTH_INVALID');
  }

  /** Lets a row in that has proven itself, where and when it may. */
  function admit(row: LiveRow, kind: TokenKind, from: string | undefined): void {
    const reason = ended(row, kind, clock.now());
    if (reason !== undefined) refused(row, reason);
    if (!reachable(row, from)) {
      log.warn('a credential was used from a network it is not allowed from', { credential: row.id, client: from });
      throw refuse('AUTH_INVALID');
    }
    lastUse.touch(row);
  }

  /** Takes a token apart and looks whether its seal holds; undefined where it is none of ours. @throws ScimError AUTH_INVALID */
  async function prove(text: string): Promise<Proven | undefined> {
    const own = parseToken(text);
    if (own !== undefined) return ours(own);
    const claims = parseAccess(text);
    return claims === undefined ? undefined : access(claims);
  }

  async function ours({ id, secret }: TokenText): Promise<Proven> {
    const row = await store.read((db) => liveRow(db, id), { atOnce: true });
    const mac = tokenMac(keys, row ?? { ...NOBODY, key_version: keys.current }, secret);
    const matches = sameMac(mac, row?.mac ?? '');
    // A revoked row has no MAC any more: whether the secret was right nobody can say.
    if (row !== undefined && !matches && row.revoked_at !== null) refused(row, `it was revoked at ${row.revoked_at}`);
    if (!matches || row === undefined) throw refuse('AUTH_INVALID');
    return { row, record: present(row), version: row.key_version };
  }

  async function access(claims: NonNullable<ReturnType<typeof parseAccess>>): Promise<Proven> {
    const row = await store.read((db) => liveRow(db, claims.client), { atOnce: true });
    const expected = accessMac(keys, claims, row ?? { ...NOBODY, key_version: keys.current, mac: '' });
    if (!sameMac(expected, claims.mac) || row === undefined || row.mac === '') throw refuse('AUTH_INVALID');
    const expiresAt = new Date(claims.expires * 1000).toISOString();
    const record = Object.freeze({ ...present(row), kind: 'scim' as const, scopes: claims.scopes, expiresAt });
    return { row, record, version: claims.version, until: claims.expires * 1000 };
  }

  return {
    async create(order, actor) {
      const { token, ...made } = await make(order, actor);
      if (token === null) throw new Error('a token without a secret');
      return { ...made, token };
    },
    createClient: (order, actor) => make({ ...order, kind: 'client' }, actor),

    async verify(authorization, kind, from) {
      const text = bearer(authorization);
      const found = await proven.find(text, () => prove(text));
      if (found === undefined) {
        if (kind !== 'scim' || deps.external === undefined || text.startsWith('jscim')) throw refuse('AUTH_INVALID');
        return deps.external.verify(text, from);
      }
      const { row, record, until } = found;
      if (until === undefined) admit(row, kind, from);
      else if (kind !== 'scim' || until <= clock.now()) throw refuse('AUTH_INVALID');
      else admit(row, 'client', from);
      return record;
    },

    async list() {
      const { rows, places } = await store.read(async (db) => ({
        rows: await db.selectFrom('tokens').selectAll().orderBy('created_at').orderBy('id').execute(),
        places: await placesOf(db),
      }));
      return rows.map((row) => {
        const rotation = places.get(row.id);
        const gone = row.revoked_at === null && !keys.byVersion.has(row.key_version);
        return Object.freeze({
          ...present(row),
          ...(rotation === undefined ? {} : { rotation }),
          ...(gone ? { keyGone: true as const } : {}),
        });
      });
    },

    async revoke(id, actor) {
      if (issuedFor(id) !== undefined) throw refuse('AUTH_ISSUED', { id });
      await store.write(async (tx) => {
        const row = await tx.db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
        if (row === undefined) throw refuse('AUTH_UNKNOWN', { id });
        if (row.revoked_at !== null) return;
        const at = instant(clock);
        await tx.db.updateTable('tokens').set({ revoked_at: at, mac: '' }).where('id', '=', id).execute();
        await endRotations(tx, id, at);
        await recorder.record(tx, credentialEvent('credential.revoked', row, actor));
      });
    },
  };
}

/** A row that is sealed but not stored, and its secret: null where a client holds a private key. @throws ScimError AUTH_ORDER */
export function newRow(
  { clock, random, keys, longest = LONGEST_LIFE }: Pick<CredentialsDeps, 'clock' | 'random' | 'keys' | 'longest'>,
  order: Order,
  actor: string,
): { readonly row: TokensTable; readonly token: string | null } {
  const checked = checkOrder(order, clock.now(), longest);
  const secret = checked.jwks === null ? random.bytes(SECRET_BYTES) : new Uint8Array();
  const sealed: SealedColumns = {
    id: random.id(),
    kind: order.kind,
    connection: checked.connection,
    scopes: canonical(checked.scopes),
    roles: '[]',
    created_at: instant(clock),
    created_by: actor,
    expires_at: checked.expiresAt,
    key_version: keys.current,
    networks: canonical(checked.networks),
    jwks: checked.jwks,
  };
  const mac = tokenMac(keys, sealed, secret);
  if (mac === undefined) throw new Error(`there is no token key of version ${keys.current}`);
  const row = { ...sealed, mac, last_used_at: null, revoked_at: null };
  return { row, token: checked.jwks === null ? formatToken({ id: row.id, secret }) : null };
}
