import { nearness } from '../../directory/quotas/quotaWatch.ts';
import type { Usage } from '../../directory/quotas/usage.ts';
import { check, type Verdict } from '../check.ts';
import type { Probes } from '../probes.ts';

type Code =
  | 'connection.never-heard'
  | 'connection.silent'
  | 'connection.keys-unread'
  | 'connection.quota-near'
  | 'connection.quota-used';

/** Do the identity providers still push? */
export const connections = check<Code>(
  {
    'connection.never-heard': { level: 'info', remedy: 'Press "Test connection" at the identity provider.' },
    'connection.silent': {
      level: 'warning',
      remedy:
        'Look at the provisioning log of the identity provider: a quarantined or paused job pushes nothing, leavers included.',
    },
    'connection.keys-unread': {
      level: 'error',
      remedy:
        'Look at connections.{subject}.jwt.jwks, DNS and firewall from the host of the service; an authority of your own is named by NODE_EXTRA_CA_CERTS.',
    },
    'connection.quota-near': {
      level: 'warning',
      remedy: 'Assign fewer people and groups to the application, or raise connections.{subject}.limits.',
    },
    'connection.quota-used': {
      level: 'error',
      remedy: 'Raise connections.{subject}.limits and restart the service; look at what the identity provider pushes.',
    },
  },
  (probes) => [...silence(probes), ...unread(probes), ...nearQuotas(probes)],
);

function silence({ config, connections: heard, now }: Probes): Verdict<Code>[] {
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
}

function unread({ issuers = [] }: Probes): Verdict<Code>[] {
  return issuers.map(({ connection, url, failure }) => ({
    code: 'connection.keys-unread',
    subject: connection,
    finding: `The keys of its issuer cannot be read from ${url}: ${failure}.`,
  }));
}

function nearQuotas({ connections }: Probes): Verdict<Code>[] {
  return connections.flatMap(({ name, usage = [] }) =>
    usage.flatMap(({ what, used, limit }): Verdict<Code>[] => {
      const step = nearness(used, limit);
      if (step === 0) return [];
      const finding = `It has ${used} of ${limit} ${WORDS[what]}.`;
      return [{ code: step === 2 ? 'connection.quota-used' : 'connection.quota-near', subject: name, finding }];
    }),
  );
}

const WORDS: Readonly<Record<Usage['what'], string>> = {
  users: 'users',
  groups: 'groups',
  memberships: 'memberships',
  writesPerDay: 'changes of today',
};
