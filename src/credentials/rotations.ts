import { instant } from '../access/ports/clock.ts';
import type { Transaction } from '../access/ports/store.ts';
import { wholeNetwork } from '../config/network.ts';
import { refuse } from '../errors.ts';
import type { RotationsTable, TokensTable } from '../store/tables/credentials.ts';
import type { Tables } from '../store/tables.ts';
import { newRow } from './createCredentials.ts';
import type { Made, TokenKind } from './credentials.ts';
import type { CredentialsDeps } from './deps.ts';
import { endRotations } from './rotationRows.ts';
import { credentialEvent, present } from './tokenRow.ts';

type Tx = Transaction<Tables>;

/** Milliseconds that the old credential lives on after the first use of the new one. */
const GRACE = 86_400_000;
const LONGEST_GRACE = 30 * 86_400_000;

export interface RotationOrder {
  /** The credential to be replaced. */
  readonly id: string;
  /** Milliseconds; `GRACE` where it is not given. */
  readonly grace?: number;
  readonly expiresAt?: string;
  /** New public keys of a client that signs. */
  readonly publicKeys?: string;
}

/** The two credentials of a rotation after it ended. */
export interface RotationEnd {
  /** The one that lives. */
  readonly kept: string;
  readonly revoked: string;
  /** Whether the successor was ever used. */
  readonly used: boolean;
}

/**
 * Three steps: `start` makes a second credential beside the first, with its rights; `complete` ends the first, `cancel` the
 * second. Without either the first ends a grace after the second was used. Never more than two live at a time.
 * @throws ScimError AUTH_UNKNOWN, AUTH_ROTATION, AUTH_ORDER
 */
export interface Rotations {
  start(order: RotationOrder, actor: string): Promise<Made & { readonly replaces: string }>;
  /** `id` names either of the two. */
  complete(id: string, actor: string): Promise<RotationEnd>;
  cancel(id: string, actor: string): Promise<RotationEnd>;
  /** Revokes what a grace has ended, unless the clock cannot be trusted; how many. */
  sweep(): Promise<number>;
}

export function createRotations(deps: Omit<CredentialsDeps, 'external'>): Rotations {
  const { store, clock, recorder, mayEnd } = deps;

  async function openOf(tx: Tx, id: string): Promise<RotationsTable> {
    const open = await tx.db
      .selectFrom('rotations')
      .selectAll()
      .where('state', '=', 'open')
      .where((where) => where.or([where('successor', '=', id), where('predecessor', '=', id)]))
      .executeTakeFirst();
    if (open !== undefined) return open;
    await rowOf(tx, id);
    throw refuse('AUTH_ROTATION', { id, reason: 'no rotation of it is under way' });
  }

  /** Ends a rotation by revoking one of its two. */
  async function end(
    tx: Tx,
    open: RotationsTable,
    state: 'completed' | 'cancelled',
    actor: string,
  ): Promise<RotationEnd> {
    const [kept, revoked] =
      state === 'completed' ? [open.successor, open.predecessor] : [open.predecessor, open.successor];
    const at = instant(clock);
    await tx.db.updateTable('tokens').set({ revoked_at: at, mac: '' }).where('id', '=', revoked).execute();
    await endRotations(tx, revoked, at);
    const row = await rowOf(tx, revoked);
    await recorder.record(tx, credentialEvent(`credential.rotation.${state}`, row, actor, { kept }));
    return { kept, revoked, used: open.used_at !== null };
  }

  return {
    start: ({ id, grace = GRACE, expiresAt, publicKeys }, actor) =>
      store.write(async (tx) => {
        const old = await rowOf(tx, id);
        const reason = await obstacle(tx, old, grace, publicKeys, clock.now());
        if (reason !== undefined) throw refuse('AUTH_ROTATION', { id, reason });
        const { connection, scopes, networks, kind } = present(old);
        const order = {
          kind,
          ...(connection === null ? {} : { connection }),
          ...(scopes.length === 0 ? {} : { scopes }),
          // One that was stored with bits behind its prefix means the network it is in.
          ...(networks === undefined ? {} : { networks: networks.map(wholeNetwork) }),
          ...(expiresAt === undefined ? {} : { expiresAt }),
          ...(publicKeys === undefined ? {} : { publicKeys }),
        };
        const { row, token } = newRow(deps, order, actor);
        await tx.db.insertInto('tokens').values(row).execute();
        await tx.db
          .insertInto('rotations')
          .values({
            ...{ successor: row.id, predecessor: id, state: 'open' as const, grace_ms: grace },
            ...{ started_at: instant(clock), used_at: null, ends_at: null, ended_at: null },
          })
          .execute();
        await recorder.record(tx, credentialEvent('credential.rotation.started', row, actor, { replaces: id, grace }));
        return { ...present(row), token, replaces: id };
      }),

    complete: (id, actor) =>
      store.write(async (tx) => {
        const open = await openOf(tx, id);
        const [old, next] = [await rowOf(tx, open.predecessor), await rowOf(tx, open.successor)];
        if (over(next.expires_at, clock.now()) && !over(old.expires_at, clock.now()))
          throw refuse('AUTH_ROTATION', {
            id,
            reason: `the new one, ${next.id}, has expired: nothing would be left; cancel it and start again`,
          });
        return end(tx, open, 'completed', actor);
      }),

    cancel: (id, actor) =>
      store.write(async (tx) => {
        const open = await openOf(tx, id);
        const old = await rowOf(tx, open.predecessor);
        if (over(old.expires_at, clock.now()) || over(open.ends_at, clock.now()))
          throw refuse('AUTH_ROTATION', { id, reason: `the old one, ${old.id}, has ended: nothing would be left` });
        return end(tx, open, 'cancelled', actor);
      }),

    async sweep() {
      if ((await mayEnd?.()) === false) return 0;
      const now = instant(clock);
      const due = await store.read((db) => dueAt(db, now).execute());
      let ended = 0;
      for (const _ of due)
        ended += await store.write(async (tx) => {
          const open = await dueAt(tx.db, now).executeTakeFirst();
          if (open === undefined) return 0;
          await end(tx, open, 'completed', 'grace');
          return 1;
        });
      return ended;
    },
  };
}

/** Rotations whose grace has ended. */
function dueAt(db: Tx['db'], now: string) {
  return db.selectFrom('rotations').selectAll().where('state', '=', 'open').where('ends_at', '<=', now);
}

async function rowOf(tx: Tx, id: string): Promise<TokensTable> {
  const row = await tx.db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw refuse('AUTH_UNKNOWN', { id });
  return row;
}

/** Why a rotation cannot start. */
async function obstacle(
  tx: Tx,
  old: TokensTable,
  grace: number,
  publicKeys: string | undefined,
  now: number,
): Promise<string | undefined> {
  const kind = old.kind as TokenKind;
  if (old.revoked_at !== null) return 'it is revoked; make a new one';
  if (over(old.expires_at, now)) return 'it has expired; make a new one';
  if (!(grace >= 0 && grace <= LONGEST_GRACE)) return 'a grace is 0 to 30 days';
  if (kind === 'client' && (old.jwks === null) !== (publicKeys === undefined))
    return old.jwks === null ? 'the client has a secret, not a public key' : 'give the new public key of the client';
  const open = await tx.db
    .selectFrom('rotations')
    .select('successor')
    .where('state', '=', 'open')
    .where((where) => where.or([where('successor', '=', old.id), where('predecessor', '=', old.id)]))
    .executeTakeFirst();
  return open === undefined ? undefined : 'a rotation of it is under way: complete or cancel it first';
}

function over(instant: string | null, now: number): boolean {
  return instant !== null && Date.parse(instant) <= now;
}
