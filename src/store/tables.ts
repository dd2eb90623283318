import type { CredentialsTables } from './tables/credentials.ts';
import type { DirectoryTables } from './tables/directory.ts';
import type { LedgerTables } from './tables/ledger.ts';
import type { SyncTables } from './tables/sync.ts';

/** All tables of the database, by area. */
export interface Tables extends DirectoryTables, CredentialsTables, LedgerTables, SyncTables {}
