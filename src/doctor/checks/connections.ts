import { check, type Verdict } from '../check.ts';

type Code = 'connection.none' | 'connection.never-heard' | 'connection.silent';

/** Do the identity providers still push? */
export const connections = check<Code>(
  {
    'connection.none': { level: 'warning', remedy: 'Add one under connections, e.g. `okta: { profile: okta }`.' },
    'connection.never-heard': { level: 'info', remedy: 'Press "Test connection" at the identity provider.' },
    'connection.silent': {
      level: 'warning',
      remedy:
        'Look at the provisioning log of the identity provider: a quarantined or paused job pushes nothing, leavers included.',
    },
  },
  ({ config, connections: heard, now }) => {
    if (config.connections.length === 0)
      return [{ code: 'connection.none', subject: 'connections', finding: 'No identity provider is configured.' }];
    return config.connections.flatMap(({ name, silentAfter }): Verdict<Code>[] => {
      const last = heard.find((probe) => probe.name === name)?.lastHeard;
      if (last === undefined)
        return [{ code: 'connection.never-heard', subject: name, finding: 'It has not called yet.' }];
      return now - last > silentAfter
        ? [
            {
              code: 'connection.silent',
              subject: name,
              finding: `Nothing was heard since ${new Date(last).toISOString()}.`,
            },
          ]
        : [];
    });
  },
);
