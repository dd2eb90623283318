import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { faulted } from '../faults/world.ts';
import { ERROR } from '../server/scim/world.ts';
import { postgresMissing, temporaryDatabase } from './database.ts';
import { wayThrough } from './wayThrough.ts';

/** A way to the server that is cut, once it is armed, when the server answers the commit of a write, and stays so: nobody hears what became of it. */
async function silentCommits(t: TestContext, url: string) {
  const { hostname, port } = new URL(url);
  const state = { armed: false, away: false };
  const through = await wayThrough(t, url, (client) => {
    if (state.away) return void client.destroy();
    const server = connect(Number(port), hostname);
    let wrote = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const side of [client, server]) side.on('error', end).on('close', end);
    client.pipe(server);
    server.on('data', (data: Buffer) => {
      wrote ||= state.armed && data.includes('INSERT 0 ');
      if (!wrote || !data.includes('COMMIT\0')) return void client.write(data);
      state.armed = false;
      state.away = true;
      end();
    });
  });
  return { url: through, state };
}

test('postgres: STORE_UNKNOWN: who does not hear of a commit reads that the same may be sent again, and it may', {
  skip: postgresMissing ?? false,
}, async (t) => {
  const way = await silentCommits(t, await temporaryDatabase(t));
  const world = await faulted(t, { server: way.url });
  const { id } = (await world.create('ana')).json();
  way.state.armed = true;
  const answer = await world.deactivate(id);
  assert.equal(answer.statusCode, 503, answer.body);
  assert.equal(answer.headers['retry-after'], '1');
  assert.deepEqual(answer.json(), {
    schemas: [ERROR],
    status: '503',
    detail:
      'The connection to the database was lost during a commit; whether the change took effect is not known. Try again: a ' +
      'repeated change that is there already changes nothing.',
  });
  way.state.away = false;
  assert.ok((await world.deactivate(id)).statusCode < 300);
  assert.equal((await world.send('GET', `/Users/${id}`)).json().active, false);
});
