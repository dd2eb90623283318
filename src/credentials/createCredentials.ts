import { canonical } from '../access/canonical.ts';
import { type Clock, instant } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { Random } from '../access/ports/random.ts';
import type { LedgerEvent, Recorder } from '../access/ports/recorder.ts';
import type { StorePort, Transaction } from '../access/ports/store.ts';
import type { Keys } from '../config/keys.ts';
import { refuse } from '../errors.ts';
import type { TokensTable } from '../store/tables/credentials.ts';
import type { Tables } from '../store/tables.ts';
import type { Credentials, TokenKind, TokenRecord } from './credentials.ts';
import { checkOrder } from './order.ts';
import { type SealedColumns, sameMac, tokenMac } from './tokenSeal.ts';
import { bearer, formatToken, SECRET_BYTES } from './tokenText.ts';

/** The time of last use is stored once in so many milliseconds. */
export const LAST_USED_EVERY = 300_000;

export interface CredentialsDeps {
  readonly store: StorePort<Tables>;
  readonly keys: Keys['token'];
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder<Transaction<Tables>>;
  readonly log: Log;
}

/** Stands in for a row that is not there, so that an unknown id costs what a wrong secret does. */
const NOBODY: Omit<SealedColumns, 'key_version'> = {
  id: '',
  kind: '',
  connection: null,
  scopes: '[]',
  roles: '[]',
  created_at: '',
  created_by: '',
  expires_at: null,
};

export function createCredentials(deps: CredentialsDeps): Credentials {
  const { store, keys, clock, random, recorder, log } = deps;
  const touched = new Map<string, number>();

  /** In the background: a request does not wait for it, and does not fail with it. */
  function touch(row: TokensTable): void {
    const now = clock.now();
    const last = Math.max(touched.get(row.id) ?? 0, row.last_used_at === null ? 0 : Date.parse(row.last_used_at));
    if (now - last < LAST_USED_EVERY) return;
    touched.set(row.id, now);
    const at = instant(clock);
    store
      .write(({ db }) => db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', row.id).execute())
      .catch((error: Error) => log.warn('last use of a token is not stored', { token: row.id, reason: error.message }));
  }

  return {
    async create(order, actor) {
      const checked = checkOrder(order, clock.now());
      const secret = random.bytes(SECRET_BYTES);
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
      };
      const mac = tokenMac(keys, sealed, secret);
      if (mac === undefined) throw new Error(`there is no token key of version ${keys.current}`);
      const row: TokensTable = { ...sealed, mac, last_used_at: null, revoked_at: null };
      await store.write(async (tx) => {
        await tx.db.insertInto('tokens').values(row).execute();
        await recorder.record(tx, event('credential.created', row, actor));
      });
      return { ...present(row), token: formatToken({ id: row.id, secret }) };
    },

    async verify(authorization, kind) {
      const { id, secret } = bearer(authorization);
      const row = await store.read((db) => db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst());
      const mac = tokenMac(keys, row ?? { ...NOBODY, key_version: keys.current }, secret);
      if (!sameMac(mac, row?.mac ?? '') || row === undefined || !usable(row, kind, clock.now()))
        throw refuse('AUTH_INVALID');
      touch(row);
      return present(row);
    },

    async list() {
      const rows = await store.read((db) =>
        db.selectFrom('tokens').selectAll().orderBy('created_at').orderBy('id').execute(),
      );
      return rows.map(present);
    },

    async revoke(id, actor) {
      await store.write(async (tx) => {
        const row = await tx.db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
        if (row === undefined) throw refuse('AUTH_UNKNOWN', { id });
        if (row.revoked_at !== null) return;
        await tx.db
          .updateTable('tokens')
          .set({ revoked_at: instant(clock), mac: '' })
          .where('id', '=', id)
          .execute();
        await recorder.record(tx, event('credential.revoked', row, actor));
      });
    },
  };
}

function usable(row: TokensTable, kind: TokenKind, now: number): boolean {
  return row.kind === kind && row.revoked_at === null && (row.expires_at === null || Date.parse(row.expires_at) > now);
}

/** The row without what only the seal needs. Scopes were written by us and are sealed; a malformed list is no scope. */
function present(row: TokensTable): TokenRecord {
  return Object.freeze({
    id: row.id,
    kind: row.kind as TokenKind,
    connection: row.connection,
    scopes: scopesOf(row.scopes),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  });
}

function scopesOf(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  } catch {
    return [];
  }
}

function event(kind: string, row: TokensTable, actor: string): LedgerEvent {
  const { id, connection, expires_at } = row;
  const body = { kind: row.kind, connection, scopes: scopesOf(row.scopes), expiresAt: expires_at };
  return { kind, actor, subject: { kind: 'credential', id }, body };
}
