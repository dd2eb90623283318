import type { Entry } from './entry.ts';

/** Entries of the catalogue for saved plans and what waits for a release. */
export const PLAN_ERRORS = {
  PLAN_STALE: {
    message: 'The saved plan no longer holds: {reason}',
    status: 409,
    remedy: 'Make a new plan and read it.',
  },
  PLAN_ALTERED: {
    message: 'What is stored under the digest {digest} is not what it names; nothing was released',
    status: 409,
    remedy:
      'Run `jenkins-scim sync`, then `quarantine list` and `quarantine show` once more. Where it stays so, somebody wrote into the database.',
  },
  PLAN_UNKNOWN: {
    message: 'Nothing is held under the digest {digest}',
    status: 404,
    remedy:
      '`jenkins-scim plan` and `jenkins-scim quarantine list` have the digests of now: another step makes another one.',
  },
} as const satisfies Readonly<Record<string, Entry>>;
