import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ScimError } from '../../errors.ts';
import type { BackedUp } from '../answers.ts';
import type { Parts } from './parts.ts';

/**
 * Copies the database to a new file; the ledger says who has a copy of everything, and which. A database that cannot be written is
 * copied all the same: that is when a backup is needed most. @throws ScimError STORE_FILE, STORE_EXTERNAL
 */
export async function backUp({ store, ledger, operator, context }: Parts, file: string): Promise<BackedUp> {
  await store.backup(file);
  const sha256 = createHash('sha256');
  await pipeline(createReadStream(file), sha256);
  const digest = sha256.digest('hex');
  const { runBy } = context;
  const body = { file, digest, bytes: statSync(file).size, ...(runBy === undefined ? {} : { from: { ...runBy } }) };
  try {
    await store.write((tx) => ledger.record(tx, { kind: 'database.backed-up', actor: operator, body }));
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    return { file, digest, unrecorded: `${error.code}: ${error.message}` };
  }
  return { file, digest };
}
