import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import type { PostgresConnection } from '../../src/store/postgres/connection.ts';
import { Home } from '../../src/store/postgres/home.ts';
import { Places } from '../../src/store/postgres/places.ts';
import { Readers } from '../../src/store/postgres/readers.ts';
import type { Tables } from '../../src/store/tables.ts';

const HOME = 7;

/** A server that gives a snapshot when it is let, and connections that count who waits for their end. */
function server() {
  const waiting: (() => void)[] = [];
  const state = { opened: 0, listeners: 0 };
  const connection = {
    ended: false,
    run: async (sql: string) => {
      if (sql.startsWith('SELECT')) await new Promise<void>((resolve) => waiting.push(resolve));
      return { rows: [{ home: HOME }] };
    },
    onLost: () => {
      state.listeners += 1;
      return () => {
        state.listeners -= 1;
      };
    },
    executeQuery: async () => ({ rows: [] }),
    drop: () => {},
    close: async () => {},
  };
  const open = async (): Promise<PostgresConnection> => {
    state.opened += 1;
    return connection as unknown as PostgresConnection;
  };
  const patience = { clock: systemClock, timers: systemTimers, patience: 5_000 };
  const home = new Home({ known: HOME, look: async () => HOME });
  const places = new Places({ open, ...patience });
  const readers = new Readers<Tables>({ places, home, ...patience });
  /** Lets the snapshots begin that were asked for. */
  const begin = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { readers, places, state, begin };
}

test('who must not commit before a snapshot is there waits for those that are asked for, and for none that is over', async () => {
  const { readers, begin } = server();
  assert.equal(readers.beginning(), undefined);
  const reads = [1, 2].map((n) => readers.read(async () => n));
  await new Promise((resolve) => setImmediate(resolve));
  let there = false;
  const beginning = readers.beginning()!.then(() => {
    there = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(there, false);
  await begin();
  await beginning;
  assert.deepEqual(await Promise.all(reads), [1, 2]);
  assert.equal(readers.beginning(), undefined);
});

test('a connection that goes on from read to read keeps nothing of those that are over', async () => {
  const { readers, places, state, begin } = server();
  for (let n = 0; n < 20; n++) {
    const read = readers.read(async (db) => db.selectFrom('expired').select('key').execute());
    await begin();
    await read;
  }
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(state, { opened: 1, listeners: 0 });
  await places.close();
});

test('closing waits for the reads that go on, and for those that wait for their turn; nobody else is let in', async () => {
  const { readers, places, begin } = server();
  const ends = Array.from({ length: 9 }, () => Promise.withResolvers<void>());
  const reads = ends.map(({ promise }) => readers.read(() => promise));
  await begin();
  let closed = false;
  const closing = places.close().then(() => {
    closed = true;
  });
  await assert.rejects(
    readers.read(async () => {}),
    { code: 'STORE_FAILED', message: /closed/ },
  );
  for (const { resolve } of ends.slice(0, 8)) resolve();
  await Promise.all(reads.slice(0, 8));
  await begin();
  assert.equal(closed, false, 'the ninth goes on');
  ends[8]!.resolve();
  await reads[8];
  await closing;
});
