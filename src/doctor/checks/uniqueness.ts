import { check } from '../check.ts';

/** Does everybody have values of their own where the configuration says so? */
export const uniqueness = check<'directory.not-unique'>(
  {
    'directory.not-unique': {
      level: 'warning',
      remedy:
        'Give one of each pair another value at the identity provider; until then both keep it, and nobody else can take it.',
    },
  },
  ({ notUnique = [] }) =>
    notUnique.map(({ type, attribute, count, pairs }) => {
      const who = count === 1 ? `1 ${WORDS[type][0]} has` : `${count} ${WORDS[type][1]} have`;
      const named = pairs.map(([first, other]) => `${other} that of ${first}`).join(', ');
      return {
        code: 'directory.not-unique',
        subject: attribute,
        finding: `${who} a value that another one has, too: ${named}${count > pairs.length ? ', …' : ''}.`,
      };
    }),
);

const WORDS = { User: ['user', 'users'], Group: ['group', 'groups'] } as const;
