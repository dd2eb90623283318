import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../../src/cli/edge.ts';
import { lineageOf } from '../../src/cli/product/lineage.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';

test('controllers are told a lineage that gives nothing of a key away', () => {
  for (let round = 0; round < 20; round++) {
    const keys = parseKeyFile(newKeyFile(systemRandom.bytes));
    const lineage = lineageOf(keys);
    assert.match(lineage, /^[0-9a-f]{16}$/);
    for (const key of [keys.ledger.mac, keys.ledger.personal])
      assert.ok(!Buffer.from(key).toString('hex').includes(lineage), 'it is a part of a key');
    assert.equal(lineageOf(keys), lineage);
    assert.notEqual(lineageOf(parseKeyFile(newKeyFile(systemRandom.bytes))), lineage);
  }
});
