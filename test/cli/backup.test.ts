import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backUp } from '../../src/cli/product/backup.ts';
import type { Parts } from '../../src/cli/product/parts.ts';
import { refuse } from '../../src/errors.ts';
import { temporaryFolder } from '../store/open.ts';

/** Parts whose database can be copied, and writes as it is told. */
function partsOf(write: Parts['store']['write']): Parts {
  const backup = async (file: string): Promise<void> => writeFileSync(file, 'everything');
  return { store: { backup, write }, context: {}, operator: 'operator:ana' } as unknown as Parts;
}

test('a database that cannot be written is backed up all the same, and it is said that the ledger does not know', async (t) => {
  const file = join(temporaryFolder(t), 'copy.db');
  const parts = partsOf(() => Promise.reject(refuse('STORE_FAILED', { reason: 'the disk is full' })));
  const made = await backUp(parts, file);
  assert.match(made.unrecorded!, /^STORE_FAILED: .*the disk is full/);
  assert.match(made.digest, /^[0-9a-f]{64}$/);
});

test('a bug while a backup is recorded is no backup without a record', async (t) => {
  const file = join(temporaryFolder(t), 'copy.db');
  await assert.rejects(
    backUp(
      partsOf(() => Promise.reject(new TypeError('bug'))),
      file,
    ),
    TypeError,
  );
});
