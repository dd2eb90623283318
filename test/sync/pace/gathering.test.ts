import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../../src/access/ports/log.ts';
import { Reconciler } from '../../../src/sync/reconciler.ts';
import type { SyncContext } from '../../../src/sync/state/context.ts';
import { settle } from '../../sim/time.ts';

test('what is committed while marks are handed out is gathered for its window, not handed out at once', async () => {
  let now = 1_000;
  const waits: { readonly wait: number; readonly run: () => void }[] = [];
  const rounds: ((handedOut: { marks: number; more: boolean; requests: string[] }) => void)[] = [];
  const context = {
    config: { controllers: [] },
    store: { write: () => new Promise((resolve) => rounds.push(resolve)) },
    facts: {},
    clock: { now: () => now, monotonic: () => now },
    timers: {
      after(wait: number, run: () => void) {
        waits.push({ wait, run });
        return { cancel: () => {} };
      },
      nextTurn: (run: () => void) => waits.push({ wait: 0, run }),
    },
    log: SILENT,
    anchor: { look: () => ({}) },
  };
  const reconciler = new Reconciler(context as unknown as SyncContext);
  reconciler.wake();
  assert.equal(waits.at(-1)?.wait, 0, 'the first goes at once');
  waits.pop()!.run();
  assert.equal(rounds.length, 1);
  for (let commit = 0; commit < 5; commit++) reconciler.wake();
  rounds[0]!({ marks: 1, more: false, requests: [] });
  await settle();
  assert.equal(rounds.length, 1, 'no round for what came meanwhile');
  const { wait, run } = waits.pop()!;
  assert.ok(wait > 0 && wait <= 40, `after ${wait} ms`);
  now += wait;
  run();
  assert.equal(rounds.length, 2);
  rounds[1]!({ marks: 1, more: true, requests: [] });
  await settle();
  assert.equal(rounds.length, 3, 'what did not fit into one round does not wait');
  rounds[2]!({ marks: 0, more: false, requests: [] });
  await settle();
  assert.deepEqual(waits, [], 'nothing came meanwhile');
});
