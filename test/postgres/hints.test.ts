import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemTimers } from '../../src/cli/edge.ts';
import { address } from '../../src/store/postgres/address.ts';
import { PostgresConnection } from '../../src/store/postgres/connection.ts';
import { Hints, tellFrom } from '../../src/store/postgres/hints.ts';
import { postgresMissing, temporaryDatabase } from './database.ts';
import { wayThrough } from './wayThrough.ts';

const OWN = 'this process';

interface Ear {
  /** What it listens with is cut off by the server. */
  cut(): void;
}

/** A server whose connections hear what they are told, or nothing. */
function server(hears: (listening: number) => boolean) {
  const ears: Ear[] = [];
  const told: ((payload: string) => void)[] = [];
  const open = async (): Promise<PostgresConnection> => {
    const { promise: lost, reject } = Promise.withResolvers<never>();
    lost.catch(() => {});
    let hear = (_: string): void => {};
    return {
      lost,
      onNotification(run: (payload: string) => void) {
        hear = run;
      },
      close: async () => {},
      async script(sql: string) {
        if (sql.startsWith('LISTEN')) {
          if (hears(ears.length)) told.push((payload) => hear(payload));
          ears.push({ cut: () => reject(new Error('terminated')) });
        } else if (sql.startsWith('NOTIFY')) for (const tell of told) tell(OWN);
        return [];
      },
    } as unknown as PostgresConnection;
  };
  return { open, ears };
}

test('a connection that was cut off before its own hint came back says nothing of a pooler', async (t) => {
  const warned: string[] = [];
  const log = { ...SILENT, warn: (message: string) => void warned.push(message) };
  let due: (() => void)[] = [];
  const after = (_: number, run: () => void) => {
    due.push(run);
    return {
      cancel: () => {
        due = due.filter((other) => other !== run);
      },
    };
  };
  const timers = { ...systemTimers, after };
  // The first hears nothing, the one that takes its place does.
  const { open, ears } = server((listening) => listening > 0);
  const hints = new Hints({ open, timers, log, process: OWN });
  t.after(() => hints.close());
  const settle = () => systemTimers.sleep(10);
  hints.listen(() => {});
  await settle();
  assert.equal(ears.length, 1);
  const echo = due.splice(0);
  ears[0]!.cut();
  await settle();
  for (const run of due.splice(0)) run();
  await settle();
  assert.equal(ears.length, 2, 'another one listens');
  for (const run of [...echo, ...due.splice(0)]) run();
  assert.deepEqual(warned, []);
});

test('postgres: a way that swallows what the server says, without an end, is found out and another one is taken', {
  skip: postgresMissing ?? false,
}, async (t) => {
  const url = await temporaryDatabase(t);
  let swallowing = false;
  const ways: Socket[] = [];
  const through = await wayThrough(t, url, (client) => {
    const server = connect(Number(new URL(url).port), '127.0.0.1');
    ways.push(client);
    // Of those that were there before nothing comes through, in either direction; new ones go another way.
    const old = (): boolean => swallowing && ways.indexOf(client) === 0;
    client.on('data', (data) => void (old() || server.write(data)));
    server.on('data', (data) => void (old() || client.write(data)));
    for (const socket of [client, server]) socket.on('error', () => {});
    client.on('close', () => server.destroy());
  });
  const opening = (to: string) => () =>
    PostgresConnection.open({ address: address(to), observe: undefined, patience: 5_000 });
  const quick = { ...systemTimers, after: (ms: number, run: () => void) => systemTimers.after(ms / 100, run) };
  const hints = new Hints({ open: opening(through), timers: quick, log: SILENT, process: OWN });
  t.after(() => hints.close());
  let heard = 0;
  hints.listen(() => {
    heard += 1;
  });
  const hear = async (): Promise<void> => {
    const before = heard;
    for (const end = Date.now() + 20_000; heard === before && Date.now() < end; await systemTimers.sleep(50))
      await tellFrom(opening(url), 'somebody else');
    assert.ok(heard > before, 'a hint came');
  };
  await hear();
  swallowing = true;
  await once(ways[0]!, 'close', { signal: AbortSignal.timeout(20_000) });
  await hear();
});
