import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { openTestStore } from '../store/open.ts';

async function world(t: TestContext) {
  const store = await openTestStore(t);
  const clock = new SimulatedTime();
  const random = seededRandom();
  const ledger = createLedger({ store, clock, random, keys: parseKeyFile(newKeyFile(random.bytes)) });
  const tell = (kind: string, controller: string, receivedAt: string, person = 'ana', more: object = {}) =>
    store.write((tx) =>
      ledger.record(tx, { kind, subject: { kind: 'user', id: person }, body: { controller, receivedAt, ...more } }),
    );
  const departures = async (person = 'ana') =>
    (await store.read((db) => ledger.departures(db, person))).map(
      ({ controller, cause, receivedAt, missing }) => `${controller} ${cause} ${receivedAt} ${missing.join()}`,
    );
  return { store, tell, departures };
}

test('departures are told of one person, each by controller, cause and when it was received', async (t) => {
  const { tell, departures } = await world(t);
  await tell('leaver.complete', 'a', '1', 'ana', { missing: ['password'] });
  await tell('leaver.complete', 'b', '1');
  await tell('old-id.complete', 'a', '1');
  await tell('leaver.complete', 'a', '1', 'bo');
  await tell('leaver.started', 'c', '1');
  assert.deepEqual(await departures(), ['a leaver 1 password', 'b leaver 1 ', 'a old-id 1 ']);
  assert.deepEqual(await departures('bo'), ['a leaver 1 ']);
  assert.deepEqual(await departures('cleo'), []);
});

test('one that was owed again is told no more until it is complete again; only that one', async (t) => {
  const { tell, departures } = await world(t);
  const all = [
    ['leaver.complete', 'a', '1'],
    ['leaver.complete', 'b', '1'],
    ['leaver.complete', 'a', '2'],
    ['old-id.complete', 'a', '1'],
  ] as const;
  for (const [kind, controller, at] of all) await tell(kind, controller, at);
  await tell('leaver.came-back', 'c', '1');
  assert.equal((await departures()).length, 4, 'of another nothing was told before');
  await tell('leaver.came-back', 'a', '1');
  assert.deepEqual(await departures(), ['b leaver 1 ', 'a leaver 2 ', 'a old-id 1 ']);
  await tell('leaver.complete', 'a', '1');
  assert.deepEqual(await departures(), ['b leaver 1 ', 'a leaver 2 ', 'a old-id 1 ', 'a leaver 1 ']);
});

test('of two ids that were cut off together and came back one after the other, none is left', async (t) => {
  const { tell, departures } = await world(t);
  for (const kind of ['old-id.complete', 'old-id.complete', 'old-id.came-back']) await tell(kind, 'a', '1');
  assert.deepEqual(await departures(), ['a old-id 1 ']);
  await tell('old-id.came-back', 'a', '1');
  assert.deepEqual(await departures(), []);
});

test('what somebody wrote into the database is no departure, and takes none away', async (t) => {
  const { store, tell, departures } = await world(t);
  await tell('leaver.complete', 'a', '1');
  const forge = (kind: string, controller: string) =>
    store.write(({ db }) =>
      db
        .insertInto('ledger')
        .values({
          ...{ uid: kind, at: '1', kind, subject_kind: 'user', subject_id: 'ana', digests: '{}', proof: 'no' },
          body: JSON.stringify({ controller, receivedAt: '1' }),
        } as never)
        .execute(),
    );
  await forge('leaver.complete', 'b');
  await forge('leaver.came-back', 'a');
  assert.deepEqual(await departures(), ['a leaver 1 ']);
});
