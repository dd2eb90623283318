import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createCredentials } from '../../src/credentials/createCredentials.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { claimKeys, keyMark, nothingSealed } from '../../src/ledger/keyMark.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { openTestStore } from '../store/open.ts';

const foreign = { code: 'KEY_FOREIGN', details: { path: './keys' } };

async function world(t: TestContext) {
  const store = await openTestStore(t);
  const clock = new SimulatedTime();
  const random = seededRandom();
  const [own, other] = [parseKeyFile(newKeyFile(random.bytes)), parseKeyFile(newKeyFile(random.bytes))];
  const ledger = createLedger({ store, keys: own, clock, random });
  return {
    ...{ store, clock, own, other, ledger },
    claim: (keys: typeof own) => claimKeys({ store, keys, path: './keys', clock }),
    record: () => store.write((tx) => ledger.record(tx, { kind: 'k', body: {} })),
    marks: () => store.read((db) => db.selectFrom('key_marks').selectAll().execute()),
  };
}

test('the keys of the first start are those of the database; others are refused', async (t) => {
  const { store, claim, own, other, marks } = await world(t);
  assert.equal(await store.read(nothingSealed), true);
  await claim(own);
  assert.equal(await store.read(nothingSealed), false);
  await claim(own);
  await assert.rejects(claim(other), foreign);
  assert.deepEqual(
    (await marks()).map(({ mark }) => mark),
    [keyMark(own)],
  );
});

test('of two first starts with different keys one is refused', async (t) => {
  const { claim, own, other, marks } = await world(t);
  const settled = await Promise.allSettled([claim(own), claim(other)]);
  assert.deepEqual(settled.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal((await marks()).length, 1);
});

test('a database without a mark takes the keys its ledger was sealed with, and no others', async (t) => {
  const { claim, record, ledger, own, other, marks } = await world(t);
  await record();
  await assert.rejects(claim(other), foreign);
  await ledger.signHead();
  await record();
  await assert.rejects(claim(other), foreign);
  // One that only has the key of the records is not enough: heads would be signed by somebody else.
  await assert.rejects(claim({ ...own, heads: other.heads }), foreign);
  assert.deepEqual(await marks(), []);
  await claim(own);
  await assert.rejects(claim(other), foreign);
});

test('of two first starts with the same keys each has them', async (t) => {
  const { claim, own, marks } = await world(t);
  await Promise.all([claim(own), claim(own)]);
  assert.equal((await marks()).length, 1);
});

test('a record that SQL put there does not make the keys foreign', async (t) => {
  const { store, claim, record, own } = await world(t);
  await record();
  const at = new Date(0).toISOString();
  const forged = { uid: 'x', at, kind: 'k', body: '{}', digests: '{}', proof: 'no' };
  await store.write(({ db }) =>
    db
      .insertInto('ledger')
      .values(forged as never)
      .execute(),
  );
  await claim(own);
});

test('a head that SQL put there does not make the keys foreign, and neither do many heads of ours', async (t) => {
  const { store, claim, record, ledger, own, other, clock } = await world(t);
  await record();
  await ledger.signHead();
  await store.write(({ db }) =>
    db
      .insertInto('ledger_heads')
      .values({ seq: 2, hash: 'f'.repeat(64), at: new Date(clock.now()).toISOString(), signature: 'no' })
      .execute(),
  );
  await assert.rejects(claim(other), foreign);
  await claim(own);
});

test('a record alone and a token alone are something that was sealed', async (t) => {
  const one = await world(t);
  await one.record();
  assert.equal(await one.store.read(nothingSealed), false);
  const two = await world(t);
  const credentials = createCredentials({
    ...{ store: two.store, clock: two.clock, random: seededRandom(), log: SILENT, keys: two.own.token },
    recorder: { record: async () => {} },
  });
  await credentials.create({ kind: 'metrics' }, 'ana');
  assert.equal(await two.store.read(nothingSealed), false);
});

test('a mark differs with each of the keys and tells none of them', async (t) => {
  const { own, other } = await world(t);
  const marks = [
    own,
    { ...own, heads: other.heads },
    { ...own, ledger: { ...own.ledger, mac: other.ledger.mac } },
    { ...own, ledger: { ...own.ledger, personal: other.ledger.personal } },
  ].map(keyMark);
  assert.equal(new Set(marks).size, 4);
  for (const mark of marks) assert.match(mark, /^[0-9a-f]{64}$/);
});
