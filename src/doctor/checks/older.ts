import { check, type Verdict } from '../check.ts';
import type { OlderProbe } from '../probes.ts';

type Code = 'identity.taken-over' | 'identity.older-credentials' | 'identity.unasked' | 'identity.never-asked';

/** Can somebody act at an id with what is older than the link to it? */
export const older = check<Code>(
  {
    'identity.taken-over': {
      level: 'error',
      remedy:
        'jenkins-scim older list --controller {subject} shows them; end what is there: jenkins-scim older revoke USER, with the user that is named.',
    },
    'identity.older-credentials': {
      level: 'warning',
      remedy:
        'Review them: jenkins-scim older list --controller {subject}. Then jenkins-scim older keep USER, or jenkins-scim older revoke USER.',
    },
    'identity.unasked': {
      level: 'warning',
      remedy:
        'jenkins-scim sync --controller {subject} asks again; where a proxy lets known scripts through only, add the one named `older`.',
    },
    'identity.never-asked': {
      level: 'info',
      remedy:
        'jenkins-scim older ask --all --controller {subject} asks once; it lists those who hold tokens, keys or sessions.',
    },
  },
  ({ older: counts, neverAsked }) => [
    ...(counts ?? []).flatMap(judge),
    ...(neverAsked ?? []).map(({ controller: subject, ids }) => ({
      ...{ code: 'identity.never-asked' as const, subject },
      finding: `${ids} id(s) were linked to people before the service asked what ids hold.`,
    })),
  ],
);

function judge({ controller: subject, found, takenOver, unasked }: OlderProbe): Verdict<Code>[] {
  const rest = found - takenOver;
  const verdicts: (Verdict<Code> | undefined)[] = [
    takenOver === 0
      ? undefined
      : {
          code: 'identity.taken-over',
          subject,
          finding: `${takenOver} id(s) were taken over from people of another connection, who may still have tokens, keys or sessions there.`,
        },
    rest === 0
      ? undefined
      : {
          code: 'identity.older-credentials',
          subject,
          finding: `${rest} id(s) held tokens, keys, credentials or open SSH or CLI connections before anybody was linked to them.`,
        },
    unasked === 0
      ? undefined
      : { code: 'identity.unasked', subject, finding: `It has not told yet what ${unasked} newly linked id(s) held.` },
  ];
  return verdicts.filter((verdict) => verdict !== undefined);
}
