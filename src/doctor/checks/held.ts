import { check } from '../check.ts';

const CODES = { release: 'plan.held', mode: 'plan.held-by-mode', cause: 'plan.not-releasable' } as const;

const FINDINGS = {
  release: 'wait for a release',
  mode: 'are left undone by its mode',
  cause: 'wait, and no release lets them through',
};

/** Does something wait for a person? What waits for another held step goes with that. */
export const held = check(
  {
    'plan.held': { level: 'warning', remedy: 'jenkins-scim quarantine list; then release or reject what is held.' },
    'plan.held-by-mode': {
      level: 'info',
      remedy: 'Read `jenkins-scim plan`; `jenkins-scim apply` does it, and with mode: enforce it happens by itself.',
    },
    'plan.not-releasable': {
      level: 'warning',
      remedy:
        'jenkins-scim quarantine list says why: a protected account, the last administrator, another authorization strategy, the clock or the disk. Mend that; they go by themselves.',
    },
  },
  (probes) =>
    probes.held.flatMap(({ controller, steps, until }) =>
      until === 'other-step'
        ? []
        : [{ code: CODES[until], subject: controller, finding: `${steps} step(s) ${FINDINGS[until]}.` }],
    ),
);
