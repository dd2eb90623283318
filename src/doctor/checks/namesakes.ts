import { check } from '../check.ts';

/** Is whoever a rule names still the one it was first about? */
export const namesakes = check(
  {
    'directory.namesake': {
      level: 'warning',
      remedy: 'Give the rule another id if this person is meant, or remove it; until then it gives them nothing.',
    },
  },
  ({ namesakes: found = [] }) =>
    found.map(({ rule, connection, userName, person, first }) => ({
      code: 'directory.namesake',
      subject: rule,
      finding: `${userName} of ${connection} is another person now (${person}) than the one that rule ${rule} was first about (${first}).`,
    })),
);
