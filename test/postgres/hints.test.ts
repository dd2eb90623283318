import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PostgresConnection } from '../../src/store/postgres/connection.ts';
import { Hints } from '../../src/store/postgres/hints.ts';

/** A server whose connections for hints end while something is asked on them, as long as it is told so. */
function server() {
  const open = new Set<object>();
  const timers: (() => void)[] = [];
  const state = { ending: '' };
  const connect = async (): Promise<PostgresConnection> => {
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => {});
    const end = (): void => {
      if (open.delete(connection)) lost.reject(new Error('connection terminated'));
    };
    let notified = (_payload: string): void => {};
    const connection = {
      lost: lost.promise,
      onNotification: (run: typeof notified) => {
        notified = run;
      },
      script: async (sql: string) => {
        if (state.ending !== '' && sql.startsWith(state.ending)) {
          for (const one of [...open] as { end: () => void }[]) one.end();
          // As `pg` does: who asked hears of it after the connection has ended.
          for (let turn = 0; turn < 5; turn++) await undefined;
          throw new Error('connection terminated');
        }
        return [];
      },
      close: async () => end(),
      end,
      tell: (payload: string) => notified(payload),
    };
    open.add(connection);
    return connection as unknown as PostgresConnection;
  };
  const parts = {
    open: connect,
    timers: { after: (ms: number, run: () => void) => void (ms < 5_000 && timers.push(run)) },
    log: { warn: () => {} },
    process: 'own',
  };
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
  };
  /** Lets what was put off run. */
  const later = async (): Promise<void> => {
    for (const run of timers.splice(0)) run();
    await settle();
  };
  return { hints: new Hints(parts as never), open, timers, state, settle, later };
}

for (const ending of ['LISTEN', 'NOTIFY'])
  test(`a server that goes away at ${ending} is listened to again by one connection, which is closed in the end`, async () => {
    const { hints, open, timers, state, settle, later } = server();
    let heard = 0;
    state.ending = ending;
    hints.listen(() => heard++);
    await settle();
    for (let again = 0; again < 3; again++) await later();
    assert.equal(timers.length, 1, 'one next try');
    state.ending = '';
    await later();
    assert.deepEqual([open.size, timers.length, heard], [1, 0, 1], 'what was missed meanwhile is looked for once');
    for (const one of open as Set<{ tell(payload: string): void }>) for (const who of ['own', 'another']) one.tell(who);
    assert.equal(heard, 2, 'own commits are no news');
    await hints.close();
    await later();
    assert.deepEqual([open.size, timers.length], [0, 0]);
  });
