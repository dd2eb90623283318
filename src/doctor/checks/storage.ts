import { check } from '../check.ts';

/** Can the database and the keys be used? Without them nothing is known of tokens, connections, leavers and holds. */
export const storage = check(
  {
    'storage.unusable': {
      level: 'error',
      remedy: 'Mend that first (docs/errors.md has the code), then run the doctor again: it saw only half.',
    },
  },
  ({ storageError }) =>
    storageError === undefined
      ? []
      : [
          {
            code: 'storage.unusable' as const,
            subject: storageError.code,
            finding: `${storageError.message}. ${storageError.remedy}`,
          },
        ],
);
