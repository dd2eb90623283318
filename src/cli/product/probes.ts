import type { Kysely } from 'kysely';
import { pushes } from '../../credentials/credentials.ts';
import { endOf } from '../../credentials/expiry.ts';
import { usageOf } from '../../directory/quotas/usage.ts';
import { notUnique } from '../../directory/unique/notUnique.ts';
import type { Tables } from '../../store/tables.ts';
import { highestTime } from '../../sync/clock/highestTime.ts';
import { controllersSeen } from '../../sync/lease/controllersSeen.ts';
import { goneSince } from '../../sync/leavers/goneSince.ts';
import { latest } from '../../sync/leavers/storedDebts.ts';
import { type UnpaidLeaver, unpaidLeavers } from '../../sync/leavers/unpaidLeavers.ts';
import { UnreachedLeavers } from '../../sync/leavers/unreached.ts';
import { neverAsked } from '../../sync/older/askEarlier.ts';
import { olderCounts } from '../../sync/older/olderListed.ts';
import { namesakesOf } from '../../sync/policy/namesakes.ts';
import { partsOf } from '../../sync/state/parts.ts';
import { usesSeen } from '../../sync/uses/usesSeen.ts';
import type { Engine } from '../engine.ts';
import { heldByWay } from './held.ts';
import { lastHeard } from './lastHeard.ts';
import type { Parts } from './parts.ts';
import { pausedNow } from './pausing.ts';

/** A controller tells of new links at once: one that has not after so many milliseconds does not. */
const ASKED_WITHIN = 60_000;

/** What only the database and the keys of issuers tell, for the doctor. */
export async function probesOf(parts: Parts): ReturnType<Engine['probes']> {
  const { store, credentials, config } = parts;
  const tokens = await credentials.list();
  const heard = await lastHeard(parts);
  const names = config.connections.map(({ name }) => name);
  const usage = await usageOf(store, parts.daily, names, parts.quotas);
  const leavers = await store.read(unpaidLeavers);
  const { names: called, formerly, gone } = await store.read((db) => knownOf(db, leavers));
  const unreached = await store.read((db, breathe) =>
    new UnreachedLeavers(config, parts.context.clock).look(db, leavers, breathe),
  );
  const groups = await store.read((db) =>
    db.selectFrom('groups').select(['connection', 'display_name', 'external_id']).execute(),
  );
  const server = await store.server();
  const clock = { now: parts.context.clock.now(), highest: await store.read(highestTime) };
  return {
    ...(server === undefined ? {} : { server }),
    groups: groups.map(({ connection, display_name, external_id }) => ({
      connection,
      displayName: display_name,
      ...(external_id === null ? {} : { externalId: external_id }),
    })),
    paused: await pausedNow(parts),
    namesakes: await store.read(namesakesOf),
    notUnique: await store.read((db) => notUnique(db, parts.unique)),
    neverAsked: await store.read(neverAsked),
    older: await store.read((db) => olderCounts(db, new Date(clock.now - ASKED_WITHIN).toISOString())),
    uses: await store.read(usesSeen),
    seen: await store.read(controllersSeen),
    clock,
    issuers: await parts.unreadIssuers(),
    tokens: tokens
      .filter(({ kind }) => kind === 'scim' || kind === 'client')
      .map((token) => ({
        id: token.id,
        pushes: pushes(token.scopes),
        revoked: token.revokedAt !== null || token.keyGone === true,
        ...(token.connection === null ? {} : { connection: token.connection }),
        ...(Number.isFinite(endOf(token)) ? { expiresAt: endOf(token) } : {}),
        ...(token.rotation === undefined ? {} : { rotation: token.rotation }),
        createdAt: Date.parse(token.createdAt),
      })),
    connections: config.connections.map(({ name }) => {
      const lastHeard = heard.get(name);
      const used = usage.filter(({ connection }) => connection === name);
      return { name, usage: used, ...(lastHeard === undefined ? {} : { lastHeard }) };
    }),
    leavers: [
      ...leavers.map((row) => ({
        user: called.get(row.person) ?? row.person,
        ...(formerly.has(row.person) ? { formerly: formerly.get(row.person)! } : {}),
        controller: row.controller,
        since: Date.parse(latest(row.received_at, gone.get(row.person))),
        held: row.state === 'held',
        stays: row.stays === 1,
      })),
      ...unreached.map(({ user, controller, since }) => ({ user, controller, since: Date.parse(since), held: false })),
    ],
    held: await heldByWay(parts),
  };
}

/** What these people are called, and since when they are gone. */
async function knownOf(db: Kysely<Tables>, leavers: readonly UnpaidLeaver[]) {
  const names = new Map<string, string>();
  const formerly = new Map<string, string>();
  for (const part of partsOf([...new Set(leavers.map(({ person }) => person))])) {
    const rows = await db.selectFrom('users').select(['id', 'user_name']).where('id', 'in', part).execute();
    for (const { id, user_name } of rows) names.set(id, user_name);
    const deleted = await db.selectFrom('tombstones').select(['id', 'name']).where('id', 'in', part).execute();
    for (const { id, name } of deleted) formerly.set(id, name);
  }
  const gone = await goneSince(
    db,
    leavers.map(({ person }) => person),
  );
  return { names, formerly, gone };
}
