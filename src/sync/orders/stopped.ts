import type { Kysely } from 'kysely';
import type { ControllerConfig } from '../../config/schema.ts';
import type { Tables } from '../../store/tables.ts';
import { controllerRow } from '../state/stored.ts';

/** Why no order is carried out on a controller now; undefined where it can be. */
export async function stoppedBy(
  db: Kysely<Tables>,
  { name, mode }: Pick<ControllerConfig, 'name' | 'mode'>,
): Promise<string | undefined> {
  const row = await controllerRow(db, name);
  const goOn = `\`jenkins-scim resume controller ${name}\` ends that`;
  if (row?.on_hold === 1) return `it is on hold since a restore: ${goOn}`;
  if (row?.paused === 1) return `it is paused: ${goOn}`;
  return mode === 'off' ? 'mode off: nothing is done there' : undefined;
}
