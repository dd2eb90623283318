import type { Entry } from './entry.ts';

/** Of the database, on either engine. */
export const STORE_ERRORS = {
  STORE_BUSY: {
    message: 'The database is locked by another process',
    status: 503,
    remedy: 'Try again. If it stays, {look}.',
  },
  STORE_FAILED: {
    message: 'The database could not make the change durable: {reason}',
    status: 503,
    remedy:
      'Look at disk space and permissions, on PostgreSQL at the server, a pooler and the way to them; nothing was acknowledged.',
  },
  STORE_DAMAGED: {
    message: 'The database cannot be trusted: {reason}',
    status: 503,
    remedy:
      'Stop the service, keep the files as they are, and put a backup in place: `jenkins-scim db restore BACKUP`; then look at the disk. `jenkins-scim doctor --deep` tells what is damaged.',
  },
  STORE_INCOMPLETE: {
    message: 'The database is not whole: {reason}',
    status: 503,
    remedy:
      'Where a dump is being put back, let it end: the service goes on by itself. Where that was interrupted, do it again (pg_restore --clean --if-exists --single-transaction); a copy that was, into a new file or database. Where the search_path of the role names no schema that is there, make it. Nothing was acknowledged.',
  },
  STORE_UNREACHABLE: {
    message: 'The PostgreSQL server cannot be reached: {reason}',
    status: 503,
    remedy:
      'Look whether it runs and listens there, at host and port in the URL, and at name service, firewall and pooler on the way; nothing was acknowledged.',
  },
  STORE_LOGIN: {
    message: 'The PostgreSQL server does not let the service in: {reason}',
    status: 503,
    remedy:
      'Correct user and password in the URL (special characters as %XX), or the role: ALTER ROLE … LOGIN PASSWORD …; nothing was acknowledged.',
  },
  STORE_HBA: {
    message: 'The PostgreSQL server has no rule for the service: {reason}',
    status: 503,
    remedy:
      'Add a line for this address, user and database to pg_hba.conf of the server and reload it. Where it has one for encrypted connections (hostssl), write sslmode=verify-full into the URL.',
  },
  STORE_TLS: {
    message: 'There is no trusted connection to the PostgreSQL server: {reason}',
    status: 503,
    remedy:
      'Write sslrootcert=/path/ca.pem for the authority of its certificate, and the host by the name in it; the server needs ssl = on. See docs/postgresql.md, Encryption.',
  },
  STORE_DATABASE: {
    message: 'The PostgreSQL server does not open the database: {reason}',
    status: 503,
    remedy:
      "Correct the name in the URL, or make it: CREATE DATABASE scim OWNER scim ENCODING 'UTF8' TEMPLATE template0. Another role needs GRANT CONNECT ON DATABASE.",
  },
  STORE_CONNECTIONS: {
    message: 'The PostgreSQL server has no free connection: {reason}',
    status: 503,
    remedy:
      'Raise the limit, or run fewer replicas: each process takes ten at most, each command one or two beside. The service goes on by itself when there is one.',
  },
  STORE_THREAD: {
    message: 'The thread that computes long searches was lost, and so was another one',
    status: 503,
    remedy:
      'Try again after Retry-After seconds, or narrow the search. Look at the memory of the machine, and how many threads the service may have.',
  },
  STORE_RESERVE: {
    message:
      'The disk of the database has {available} MB left; the last {reserve} MB are kept for deactivations, deletions and removals',
    status: 507,
    remedy:
      'Free disk space, or lower disk.reserve. What only takes access away is stored all the same: send it by itself, e.g. a removal of members without additions.',
  },
  STORE_NEWER: {
    message: 'The database was written by a newer version (schema {found}, known {known})',
    status: 0,
    remedy: 'Start the newer version, or restore a backup.',
  },
  STORE_OLDER: {
    message: 'The database has schema {found}, this version needs {known}',
    status: 0,
    remedy: 'Run `jenkins-scim db migrate`, on a server as the owner of the tables; make a backup before.',
  },
  STORE_FILE: {
    message: '{path}: {reason}',
    status: 0,
    remedy: 'Choose another path, or look at permissions and disk space.',
  },
  STORE_LATER: {
    message: 'The database {kind} is not in this version',
    status: 0,
    remedy: 'Use sqlite:./path, or a variable that holds a postgres:// URL.',
  },
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
    remedy:
      'Name a new file, or a new database on the server, and copy again; remove only what a copy that was interrupted left there. The original is as it was.',
  },
  STORE_IN_USE: {
    message: 'The database is in use and was not copied: {reason}',
    status: 0,
    remedy:
      'Stop the service, all of its replicas, and what else uses it, and copy again, to a new file or database: what is written meanwhile would stay behind. After a crash wait half a minute.',
  },
  STORE_OPEN: {
    message: 'Another process has the database open',
    status: 0,
    remedy: 'Stop the service, and end commands that still run, then restore again. Nothing was changed.',
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
} as const satisfies Readonly<Record<string, Entry>>;
