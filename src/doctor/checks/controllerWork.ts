import { check, type Verdict } from '../check.ts';

type Code = 'controller.failing' | 'controller.other-service';

/** What the service met when it worked on a controller; what the doctor meets there itself is told by other checks. */
export const controllerWork = check<Code>(
  {
    'controller.failing': {
      level: 'error',
      remedy:
        'jenkins-scim sync --controller {subject} tries at once and says what is in the way; the log has each try ("a controller could not be worked on").',
    },
    'controller.other-service': {
      level: 'error',
      remedy:
        'Each takes back what the other does, and cuts people whom the other one has: stop one of the two, or take {subject} out of its configuration. Where keys were made anew, it was this one before, and the finding ends a day later, or with a restart of Jenkins.',
    },
  },
  ({ config, controllers, seen = [] }) => {
    const enabled = new Set(config.controllers.filter(({ mode }) => mode !== 'off').map(({ name }) => name));
    const unreached = new Set(controllers.filter(({ error }) => error !== undefined).map((one) => one.config.name));
    return seen.flatMap(({ controller: subject, problem, otherServiceAt }): Verdict<Code>[] => {
      if (!enabled.has(subject)) return [];
      const failing = `The service could not work on it at ${problem?.at}, and not since: ${problem?.reason}`;
      const other = `Another service of this kind, with keys of its own, wrote there at ${otherServiceAt}.`;
      return [
        ...(problem === undefined || unreached.has(subject)
          ? []
          : [{ code: 'controller.failing', subject, finding: failing } as const]),
        ...(otherServiceAt === undefined
          ? []
          : [{ code: 'controller.other-service', subject, finding: other } as const]),
      ];
    });
  },
);
