import { check } from '../check.ts';

/** Does something wait for a person? */
export const held = check(
  { 'plan.held': { level: 'warning', remedy: 'jenkins-scim quarantine list; then release or reject what is held.' } },
  (probes) =>
    probes.held
      .filter(({ steps }) => steps > 0)
      .map(({ controller, steps }) => ({
        code: 'plan.held',
        subject: controller,
        finding: `${steps} step(s) are held by a ceiling.`,
      })),
);
