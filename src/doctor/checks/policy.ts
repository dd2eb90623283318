import { check } from '../check.ts';

/** Is there a policy in force? Its own warnings are passed on beside this by `diagnose`. */
export const policy = check(
  {
    'policy.unreadable': {
      level: 'error',
      remedy: 'jenkins-scim policy lint; the last good policy stays in force, if there was one.',
    },
  },
  ({ policyError, config }) =>
    policyError === undefined
      ? []
      : [{ code: 'policy.unreadable', subject: config.policy, finding: policyError.message }],
);
