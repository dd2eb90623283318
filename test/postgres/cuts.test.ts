import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { faulted } from '../faults/world.ts';
import { seededRandom } from '../sim/time.ts';
import { postgresMissing, temporaryDatabase } from './database.ts';
import { wayThrough } from './wayThrough.ts';

/** A way to the server on which connections break, before or behind any message of either side. */
async function breakingWay(t: TestContext, url: string) {
  const { hostname, port } = new URL(url);
  const random = seededRandom(11);
  const state = { often: 0, cuts: 0, inCommits: 0 };
  const happens = (): boolean => (random.bytes(1)[0] ?? 0) < state.often;
  const through = await wayThrough(t, url, (client) => {
    const server = connect(Number(port), hostname);
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    const cut = (data: Buffer): void => {
      state.cuts += 1;
      if (data.includes('COMMIT')) state.inCommits += 1;
      end();
    };
    for (const side of [client, server]) side.on('error', end).on('close', end);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const)
      from.on('data', (data: Buffer) => {
        if (happens()) return cut(data);
        if (to.writable) to.write(data);
        if (happens()) cut(data);
      });
  });
  return { url: through, state };
}

test('postgres: connections cut at any moment: what is acknowledged is there, what was refused is not, and nothing is there by half', {
  skip: postgresMissing ?? false,
}, async (t) => {
  const way = await breakingWay(t, await temporaryDatabase(t));
  const world = await faulted(t, { server: way.url });
  await world.create('first');
  const acknowledged: string[] = ['first'];
  const refused: string[] = [];
  const unknown: string[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    // Where a cut falls is left to chance: until one fell into a commit.
    while (next < 300 || (way.state.inCommits === 0 && next < 3_000)) {
      const name = `p${next++}`;
      const answer = await world.create(name);
      if (answer.statusCode === 201) acknowledged.push(name);
      else {
        assert.equal(answer.statusCode, 503, answer.body);
        assert.ok(Number(answer.headers['retry-after']) > 0);
        (/is not known/.test(answer.json().detail) ? unknown : refused).push(name);
      }
    }
  };
  way.state.often = 8;
  await Promise.all(Array.from({ length: 4 }, client));
  way.state.often = 0;
  assert.equal(await world.ready('later'), 200);
  const names = new Set(await world.wholePeople());
  assert.deepEqual(
    acknowledged.filter((name) => !names.has(name)),
    [],
  );
  assert.deepEqual(
    refused.filter((name) => names.has(name)),
    [],
  );
  assert.ok(
    way.state.cuts > 20 && way.state.inCommits > 0,
    `${way.state.cuts} cuts, ${way.state.inCommits} in commits`,
  );
  assert.ok(acknowledged.length > 20 && refused.length > 20, `${acknowledged.length}, ${refused.length}`);
  await world.ledger.seal();
  assert.ok((await world.ledger.verify(undefined)).records >= acknowledged.length);
});
