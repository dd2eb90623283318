import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { SCIM_SCOPES } from '../../src/credentials/credentials.ts';
import { type Client, scimWorld, U } from '../server/scim/world.ts';
import { type Snapshot, snapshot } from './snapshot.ts';

export const AUTHORIZATION = `Authorization: Bearer generic ${SCIM_SCOPES.join(',')}`;
export const HEAD = `Host: x\r\n${AUTHORIZATION}\r\nContent-Type: application/scim+json`;
export const CREATE = JSON.stringify({ schemas: [U], userName: 'written' });

/** The service on a socket, and what is stored in it. */
export async function listening(t: TestContext) {
  const world = await scimWorld(t);
  // Whoever ends their side at once, as `raw` does, would hear nothing of what is answered in a later turn.
  Object.assign(world.app.server, { httpAllowHalfOpen: true });
  await world.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = world.app.server.address() as { port: number };
  const client: Client = world.as('generic');
  await client.user('ana');
  const before = await snapshot(world.store);
  return {
    app: world.app,
    client,
    open: (): Socket => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      return socket;
    },
    /** Sends bytes, all at once, and takes what comes until the other side closes. */
    raw: async (bytes: string | Buffer): Promise<string> => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.end(bytes);
      return text(socket).catch(() => '');
    },
    async unchanged(): Promise<void> {
      const after: Snapshot = await snapshot(world.store);
      assert.deepEqual([...after.resources], [...before.resources]);
    },
  };
}

/** The statuses of the answers, in their order. */
export const statuses = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
