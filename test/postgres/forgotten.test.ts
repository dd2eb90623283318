import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PostgresConnection } from '../../src/store/postgres/connection.ts';
import { Gate } from '../../src/store/postgres/gate.ts';

/** A connection that counts who wants to be told of its end. */
function listening() {
  const told = new Set<(reason: Error) => void>();
  const connection = {
    onLost(tell: (reason: Error) => void) {
      told.add(tell);
      return () => void told.delete(tell);
    },
  } as unknown as PostgresConnection;
  return { connection, told };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a connection that lives on keeps nothing of the writes and reads that went over it', async () => {
  const { connection, told } = listening();
  for (let count = 0; count < 100; count++) {
    const gate = new Gate();
    gate.offer(connection, Promise.resolve());
    await turn();
    assert.equal(told.size, 1);
    gate.close();
    assert.equal(told.size, 0);
  }
});

test('a gate that is closed before it opens is not kept either', async () => {
  const { connection, told } = listening();
  const { promise, resolve } = Promise.withResolvers<void>();
  const gate = new Gate();
  gate.offer(connection, promise);
  gate.close();
  resolve();
  await turn();
  assert.equal(told.size, 0);
});

test('the end of the connection ends what waits at its gate', async () => {
  const { connection, told } = listening();
  const gate = new Gate();
  gate.offer(connection, Promise.resolve());
  await turn();
  for (const tell of told) tell(new Error('terminated'));
  await assert.rejects(gate.lost, /terminated/);
});
