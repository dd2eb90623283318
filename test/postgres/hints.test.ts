import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemTimers } from '../../src/cli/edge.ts';
import type { PostgresConnection } from '../../src/store/postgres/connection.ts';
import { Hints } from '../../src/store/postgres/hints.ts';

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
        } else for (const tell of told) tell(OWN);
        return [];
      },
    } as unknown as PostgresConnection;
  };
  return { open, ears };
}

test('a connection that was cut off before its own hint came back says nothing of a pooler', async (t) => {
  const warned: string[] = [];
  const log = { ...SILENT, warn: (message: string) => void warned.push(message) };
  const due: (() => void)[] = [];
  const after = (_: number, run: () => void) => {
    due.push(run);
    return { cancel() {} };
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
