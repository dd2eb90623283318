import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address } from '../../src/store/postgres/address.ts';
import { PostgresConnection } from '../../src/store/postgres/connection.ts';
import { begin, commit, fate } from '../../src/store/postgres/transaction.ts';
import { postgresMissing } from './database.ts';
import { startPostgres } from './server.ts';

const skip = postgresMissing ?? false;

test('postgres: a number that a crash gave to another transaction says nothing of the one that was lost', {
  skip,
}, async (t) => {
  // Nothing of the lost transaction reaches the disk: the server forgets that its number was given.
  const server = await startPostgres({ wal_writer_delay: '10s' });
  t.after(() => server.stop());
  const connect = (): Promise<PostgresConnection> =>
    PostgresConnection.open({ address: address(server.url), observe: undefined, patience: 10_000 });

  const cut = await connect();
  const other = await connect();
  const made = await begin(cut, 5_000);
  await commit(cut);
  assert.equal(await fate(other, made), 'committed', 'somebody was there all the time');
  const lost = await begin(cut, 5_000);
  await server.restart();

  const after = await connect();
  t.after(() => after.close());
  for (let id = 0; id < lost.id; ) {
    const [given] = await after.script('SELECT txid_current() AS id');
    id = Number(given!.rows[0]!.id);
    assert.ok(id <= lost.id, 'the server gave the number again');
  }
  assert.equal(await fate(after, lost), 'unknown');
});
