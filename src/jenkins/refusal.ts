import type { ScimError } from '../errors.ts';
import type { Connection } from './connection.ts';
import type { Complaint } from './judge/verdict.ts';
import { fingerprint } from './strategies/role-strategy/fingerprint.ts';

/** A script that did not run. */
export interface Refused {
  readonly complaint: Complaint;
  readonly doubt: boolean;
}

/**
 * The error for a script that did not run. Where a restart, or somebody saving "Assign Roles", gives the same answer for a
 * moment, a harmless script is sent after the moment: what refuses that too is the verdict. @throws ScimError that verdict
 */
export async function refusal(connection: Connection, heard: Refused): Promise<ScimError> {
  if (!heard.doubt) return connection.error(heard.complaint);
  await connection.read(fingerprint, {});
  return connection.error({ code: 'JEN_RESTARTING', details: {} });
}
