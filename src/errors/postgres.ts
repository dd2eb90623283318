import type { Entry } from './entry.ts';

/** Errors of a database on a server. */
export const POSTGRES_ERRORS = {
  STORE_ADDRESS: {
    message: 'The URL of the database cannot be used: {reason}',
    status: 0,
    remedy: 'Write postgres://user:password@host:5432/database?sslmode=verify-full; see docs/postgresql.md.',
  },
  STORE_SERVER: {
    message: 'The PostgreSQL server cannot be used: {reason}',
    status: 0,
    remedy: 'See docs/postgresql.md for what is needed of a server.',
  },
  STORE_COPY: {
    message: 'The database was not copied: {reason}',
    status: 0,
    remedy: 'Remove what is in the target (a new file, or a new database on the server) and copy again.',
  },
  STORE_UNKNOWN: {
    message: 'The connection to the database was lost during a commit; whether the change took effect is not known',
    status: 503,
    remedy: 'Try again: a repeated change that is there already changes nothing.',
  },
  STORE_EXTERNAL: {
    message: '{command} is for the embedded database; this one is kept by a PostgreSQL server',
    status: 0,
    remedy: 'Use {instead}; see docs/postgresql.md.',
  },
} as const satisfies Record<string, Entry>;
