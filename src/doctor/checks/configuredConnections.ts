import { globMatches } from '../../config/glob.ts';
import { check, type Verdict } from '../check.ts';
import type { Probes } from '../probes.ts';

type Code = 'connection.none' | 'connection.no-controller';

/** What the configuration alone tells of the connections: also where the database cannot be asked. */
export const configuredConnections = check<Code>(
  {
    'connection.none': { level: 'warning', remedy: 'Add one under connections, e.g. `okta: { profile: okta }`.' },
    'connection.no-controller': {
      level: 'warning',
      remedy: 'Compare connections.{subject}.controllers with the names under controllers.',
    },
  },
  (probes) => [...none(probes), ...unreached(probes)],
);

function none({ config }: Probes): Verdict<Code>[] {
  if (config.connections.length > 0) return [];
  return [{ code: 'connection.none', subject: 'connections', finding: 'No identity provider is configured.' }];
}

/** A name or glob of `controllers:` that fits none: what it was meant for gets nothing of the connection, and nobody says so. */
function unreached({ config }: Probes): Verdict<Code>[] {
  const known = config.controllers.map(({ name }) => name);
  if (known.length === 0) return [];
  return config.connections.flatMap(({ name, controllers = [] }) =>
    controllers
      .filter((glob) => !known.some((controller) => globMatches(glob, controller)))
      .map((glob): Verdict<Code> => {
        return { code: 'connection.no-controller', subject: name, finding: `No controller is called ${glob}.` };
      }),
  );
}
