import { check, type Verdict } from '../check.ts';

type Code = 'leaver.unfinished' | 'leaver.not-enforced';

/** Who left and can still act? */
export const leavers = check<Code>(
  {
    'leaver.unfinished': {
      level: 'error',
      remedy: 'jenkins-scim leaver {subject} shows which step waits; it is retried at least every minute.',
    },
    'leaver.not-enforced': {
      level: 'error',
      remedy: 'Set mode: enforce, or run `jenkins-scim leaver {subject} --now`.',
    },
  },
  ({ config, leavers: owed, now }) =>
    owed.map(({ user, controller, since }): Verdict<Code> => {
      const mode = config.controllers.find(({ name }) => name === controller)?.mode;
      const seconds = Math.round((now - since) / 1000);
      return mode === 'enforce' || mode === undefined
        ? {
            code: 'leaver.unfinished',
            subject: user,
            finding: `Left ${seconds} s ago and is not done on ${controller}.`,
          }
        : {
            code: 'leaver.not-enforced',
            subject: user,
            finding: `Left ${seconds} s ago and keeps everything on ${controller}, which is in mode ${mode}.`,
          };
    }),
);
