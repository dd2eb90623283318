import { check, type Verdict } from '../check.ts';
import type { LeaverProbe } from '../probes.ts';

type Code =
  | 'leaver.unfinished'
  | 'leaver.held'
  | 'leaver.not-enforced'
  | 'leaver.unconfigured'
  | 'leaver.earlier-id'
  | 'leaver.earlier-ids-held';

/** Who left, or gave an id up, and can still act? */
export const leavers = check<Code>(
  {
    'leaver.unfinished': {
      level: 'error',
      remedy: 'jenkins-scim leaver {subject} shows which step waits; it is retried at least every minute.',
    },
    'leaver.held': {
      level: 'error',
      remedy: 'jenkins-scim quarantine list, then release them; or one by one: jenkins-scim leaver USER --now',
    },
    'leaver.unconfigured': {
      level: 'error',
      remedy: 'Configure {subject} again, or let go of it: jenkins-scim controller detach {subject}',
    },
    'leaver.earlier-id': {
      level: 'error',
      remedy: 'jenkins-scim leaver {subject} shows which step waits, jenkins-scim quarantine list what holds it.',
    },
    'leaver.earlier-ids-held': {
      level: 'error',
      remedy:
        'Put the mapping of the identity provider back where it was an accident; otherwise jenkins-scim quarantine list, then release them.',
    },
    'leaver.not-enforced': {
      level: 'error',
      remedy: 'Set mode: enforce, or run `jenkins-scim leaver {subject} --now`.',
    },
  },
  ({ config, leavers: owed, now }) => {
    const modeOf = (controller: string) => config.controllers.find(({ name }) => name === controller)?.mode;
    const waits = ({ controller, held }: LeaverProbe): boolean => held && modeOf(controller) === 'enforce';
    const waiting = Map.groupBy(owed.filter(waits), ({ controller, stays }) =>
      JSON.stringify([controller, stays === true]),
    );
    const held = [...waiting.values()].map((people): Verdict<Code> => {
      const [{ controller: subject, stays }] = people as [LeaverProbe];
      return stays === true
        ? {
            code: 'leaver.earlier-ids-held',
            subject,
            finding: `${people.length} earlier ids of people who are called otherwise now can still act: a guardrail holds what they lose.`,
          }
        : {
            code: 'leaver.held',
            subject,
            finding: `${people.length} who left can still act: a guardrail holds what they owe.`,
          };
    });
    const others = owed.filter((one) => !waits(one));
    const rest = others.map(({ user, formerly, controller, since, stays }): Verdict<Code> => {
      const mode = modeOf(controller);
      const seconds = Math.round((now - since) / 1000);
      const left = formerly === undefined ? 'Left' : `${formerly} left`;
      if (mode === undefined)
        return {
          code: 'leaver.unconfigured',
          subject: controller,
          finding: `${formerly ?? user} ${stays === true ? 'gave an id up' : 'left'} ${seconds} s ago and is not done on ${controller}, which is not configured any more.`,
        };
      if (stays === true)
        return {
          code: 'leaver.earlier-id',
          subject: user,
          finding: `Is called otherwise on ${controller} since ${seconds} s, and what the earlier id had there is not taken.`,
        };
      return mode === 'enforce'
        ? {
            code: 'leaver.unfinished',
            subject: user,
            finding: `${left} ${seconds} s ago and is not done on ${controller}.`,
          }
        : {
            code: 'leaver.not-enforced',
            subject: user,
            finding: `${left} ${seconds} s ago and keeps everything on ${controller}, which is in mode ${mode}.`,
          };
    });
    return [...held, ...rest];
  },
);
