import { commandOf, type Register } from '../invocation.ts';
import { laterCommand } from './later.ts';

/** `review`: of a later version. */
export const registerReview: Register = (program, host) => {
  const group = commandOf(program, 'review', 'not in this version', 'jenkins-scim explain ana@corp.test');
  laterCommand(group, 'export', host, {
    example: 'jenkins-scim --json plan',
    text: '`explain` and `ledger export` have what is known',
  });
};
