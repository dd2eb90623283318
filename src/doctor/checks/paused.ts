import { check, type Verdict } from '../check.ts';

type Code = 'sync.connection-paused' | 'sync.controller-paused' | 'sync.on-hold';

/** Was something stopped by a person, and forgotten? */
export const paused = check<Code>(
  {
    'sync.connection-paused': {
      level: 'warning',
      remedy:
        'jenkins-scim resume connection {subject}; until then what its people are owed, leavers included, adds up.',
    },
    'sync.controller-paused': {
      level: 'warning',
      remedy: 'Read `jenkins-scim plan`, then `jenkins-scim resume controller {subject}`; what is owed adds up.',
    },
    'sync.on-hold': {
      level: 'warning',
      remedy:
        'Have the identity provider push everybody again, read `jenkins-scim plan`, then `jenkins-scim resume controller {subject}`.',
    },
  },
  (probes) =>
    probes.paused.map(({ kind, name, onHold }): Verdict<Code> => {
      if (onHold)
        return {
          code: 'sync.on-hold',
          subject: name,
          finding: 'A database was restored: an old directory may bring leavers back, so nothing is done there.',
        };
      return kind === 'connection'
        ? { code: 'sync.connection-paused', subject: name, finding: 'Nothing is done for its people: it is paused.' }
        : { code: 'sync.controller-paused', subject: name, finding: 'Nothing is done there: it is paused.' };
    }),
);
