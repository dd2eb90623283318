import { globMatches } from '../../config/glob.ts';
import type { Config } from '../../config/schema.ts';

/** Whether a connection may reach a controller: its `controllers:` names or globs, all where there are none. */
export function reaches(config: Config, controller: string): (connection: string) => boolean {
  const allowed = new Set(
    config.connections
      .filter(
        ({ controllers }) => controllers === undefined || controllers.some((glob) => globMatches(glob, controller)),
      )
      .map(({ name }) => name),
  );
  return (connection) => allowed.has(connection);
}
