import type { Kysely } from 'kysely';
import type { Transaction } from '../../access/ports/store.ts';
import { unknownConnection, unknownController } from '../../config/unknown.ts';
import type { PauseProbe } from '../../doctor/probes.ts';
import type { Tables } from '../../store/tables.ts';
import { handOutAgain, oldestMark, waitingWords } from '../../sync/leavers/afterPause.ts';
import { pausedConnections } from '../../sync/state/stored.ts';
import type { PauseTarget } from '../engine.ts';
import type { Parts } from './parts.ts';

/** Nothing is done there until `resume`; data and tokens stay, debts add up. @throws ScimError CTL_UNKNOWN, CLI_USAGE */
export async function pause(parts: Parts, target: PauseTarget): Promise<void> {
  await set(parts, target, true);
}

/** Ends a pause, and the hold that `db restore` puts on every controller. Everything is compared first. */
export async function resume(parts: Parts, target: PauseTarget): Promise<void> {
  await set(parts, target, false);
}

/** What is stopped now: controllers and connections of the configuration only. */
export async function pausedNow({ store, config }: Pick<Parts, 'store' | 'config'>): Promise<PauseProbe[]> {
  const { controllers, connections } = await store.read(async (db) => ({
    controllers: await db
      .selectFrom('controllers')
      .select(['name', 'paused', 'on_hold'])
      .where((where) => where.or([where('paused', '=', 1), where('on_hold', '=', 1)]))
      .execute(),
    connections: await db.selectFrom('paused_connections').select('name').execute(),
  }));
  const configured = (list: readonly { readonly name: string }[], name: string): boolean =>
    list.some((item) => item.name === name);
  return [
    ...connections
      .filter(({ name }) => configured(config.connections, name))
      .map(({ name }) => ({ kind: 'connection' as const, name, onHold: false })),
    ...controllers
      .filter(({ name }) => configured(config.controllers, name))
      .map(({ name, on_hold }) => ({ kind: 'controller' as const, name, onHold: on_hold === 1 })),
  ];
}

/**
 * Pauses in a database that was restored the connections that were paused in the one it took the place of: whoever stopped what one of
 * them says did not mean until the next restore. @returns those that were not paused in it
 */
export async function pauseAgain(
  { ledger, operator }: Pick<Parts, 'ledger' | 'operator'>,
  tx: Transaction<Tables>,
  paused: Iterable<string>,
): Promise<readonly string[]> {
  const known = await pausedConnections(tx.db);
  const connections = [...paused].filter((name) => !known.has(name)).sort();
  for (const name of connections) await pauseConnection(tx.db, name);
  if (connections.length > 0)
    await ledger.record(tx, {
      kind: 'sync.paused',
      actor: operator,
      body: { controllers: [], connections, restored: true, ...(await waitingSince(tx.db, connections)) },
    });
  return connections;
}

/** For the record of a pause: passes take marks while it lasts, and leave those alone whom they are about. */
async function waitingSince(
  db: Kysely<Tables>,
  connections: readonly string[],
): Promise<{ marksSince?: string; words?: readonly string[] }> {
  const marksSince = await oldestMark(db, connections);
  if (marksSince === undefined) return {};
  const words = await waitingWords(db, connections);
  return words.length === 0 ? { marksSince } : { marksSince, words };
}

async function pauseConnection(db: Kysely<Tables>, name: string): Promise<void> {
  await db
    .insertInto('paused_connections')
    .values({ name })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function resumeConnection(
  { config, context }: Pick<Parts, 'config' | 'context'>,
  tx: Transaction<Tables>,
  name: string,
): Promise<void> {
  const gone = await tx.db.deleteFrom('paused_connections').where('name', '=', name).executeTakeFirst();
  if (gone.numDeletedRows === 0n) return;
  const reached = config.controllers.map((controller) => controller.name);
  await handOutAgain(tx, reached, name, new Date(context.clock.now()).toISOString(), context.witness);
}

async function set(parts: Parts, target: PauseTarget, paused: boolean): Promise<void> {
  const { store, ledger, config, operator } = parts;
  const controllers =
    target.kind === 'all'
      ? config.controllers.map(({ name }) => name)
      : target.kind === 'controller'
        ? [target.name]
        : [];
  const connections =
    target.kind === 'all'
      ? config.connections.map(({ name }) => name)
      : target.kind === 'connection'
        ? [target.name]
        : [];
  for (const name of controllers)
    if (!config.controllers.some((item) => item.name === name))
      throw unknownController(
        name,
        config.controllers.map((item) => item.name),
      );
  for (const name of connections)
    if (!config.connections.some((item) => item.name === name))
      throw unknownConnection(
        name,
        config.connections.map((item) => item.name),
      );
  await store.write(async (tx) => {
    const waiting = paused ? await waitingSince(tx.db, connections) : {};
    for (const name of controllers) {
      const values = paused ? { paused: 1 } : { paused: 0, on_hold: 0 };
      await tx.db
        .insertInto('controllers')
        .values({ name, on_hold: 0, ...values })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
        .execute();
    }
    for (const name of connections)
      if (paused) await pauseConnection(tx.db, name);
      else await resumeConnection(parts, tx, name);
    await ledger.record(tx, {
      kind: paused ? 'sync.paused' : 'sync.resumed',
      actor: operator,
      body: { controllers, connections, ...waiting },
    });
  });
}
