import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock, systemRandom } from '../../src/cli/edge.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { SEAL_BATCH } from '../../src/ledger/sealing.ts';
import { openTestStore } from '../store/open.ts';

test('sealing many records holds up other writers for a few statements, not for one each', async (t) => {
  let statements = 0;
  const store = await openTestStore(t, { observe: () => void statements++ });
  const keys = parseKeyFile(newKeyFile(systemRandom.bytes));
  const ledger = createLedger({ store, keys, clock: systemClock, random: systemRandom });
  await store.write(async (tx) => {
    for (let n = 0; n < SEAL_BATCH / 2; n++) await ledger.record(tx, { kind: 'test', body: { n } });
  });
  statements = 0;
  assert.equal(await ledger.seal(), SEAL_BATCH / 2);
  assert.ok(statements <= 10, `${statements} statements`);
  assert.equal((await ledger.verify(undefined)).records, SEAL_BATCH / 2);
});
