import { BULK_AND_CURSORS } from './errors/bulkAndCursors.ts';
import { CONFIGURATION_ERRORS } from './errors/configuration.ts';
import { CONTROLLER_ERRORS } from './errors/controllers.ts';
import { CREDENTIAL_ERRORS } from './errors/credentials.ts';
import type { Entry, ScimType } from './errors/entry.ts';
import { PLAN_ERRORS } from './errors/plans.ts';
import { REQUESTS } from './errors/requests.ts';
import { STORE_ERRORS } from './errors/store.ts';

export type { ScimType };

const entry = <const T extends Record<string, Entry>>(entries: T): T => Object.freeze(entries);

/**
 * Every error this product raises. Codes are never reused; `docs/errors.md` is checked against this list.
 * Areas: SCIM_ protocol, AUTH_ credentials, API_ other HTTP, CFG_ configuration, POL_ policy, STORE_ database, JEN_ controllers,
 * PLAN_ plans and holds, LED_ ledger, CLI_ command line.
 */
export const CATALOGUE = entry({
  SCIM_SYNTAX: {
    message: '{reason}',
    status: 400,
    scimType: 'invalidSyntax',
    remedy: 'Send a JSON object as RFC 7644 describes it.',
  },
  SCIM_FILTER: {
    message: 'The filter is not valid: {reason}',
    status: 400,
    scimType: 'invalidFilter',
    remedy: 'See RFC 7644 §3.4.2.2 for filters; the column is counted from 1.',
  },
  SCIM_PATH: {
    message: 'The path is not valid: {reason}',
    status: 400,
    scimType: 'invalidPath',
    remedy: 'Use an attribute of the published schemas; see /Schemas.',
  },
  SCIM_NO_TARGET: {
    message: '{reason}',
    status: 400,
    scimType: 'noTarget',
    remedy: 'Give a path whose filter matches a value.',
  },
  SCIM_VALUE: {
    message: '{reason}',
    status: 400,
    scimType: 'invalidValue',
    remedy: 'Compare the value with the attribute in /Schemas.',
  },
  SCIM_MUTABILITY: {
    message: '{reason}',
    status: 400,
    scimType: 'mutability',
    remedy: 'Leave it out, or send the value that is stored; /Schemas says what may be written.',
  },
  SCIM_UNIQUENESS: {
    message: '{attribute} "{value}" is taken by another {resource}',
    status: 409,
    scimType: 'uniqueness',
    remedy: 'Match the existing resource by a filter, or choose another value.',
  },
  SCIM_NOT_FOUND: {
    message: '{resource} {id} does not exist',
    status: 404,
    remedy: 'Look the resource up by a filter; ids belong to one connection.',
  },
  SCIM_TOO_MANY: {
    message: '{reason}',
    status: 400,
    scimType: 'tooMany',
    remedy: 'Ask for less at once: narrow the filter, ask for pages, send less in one request.',
  },
  SCIM_VERSION: {
    message: 'The resource is at version {version}',
    status: 412,
    remedy: 'Read it again and repeat the request with its ETag.',
  },
  SCIM_ROUTE: {
    message: 'There is no SCIM endpoint at {path}; the base URL is {base}',
    status: 404,
    remedy: 'Set the base URL of the connector to the one named.',
  },
  SCIM_METHOD: { message: '{method} is not supported at {path}', status: 405, remedy: 'See the Allow header.' },
  SCIM_MEDIA: { message: 'Content type {type} is not supported', status: 415, remedy: 'Send application/scim+json.' },
  SCIM_ENCODING: {
    message: 'Content encoding {encoding} is not supported',
    status: 415,
    remedy: 'Send the body plain.',
  },
  SCIM_TOO_LARGE: {
    message: 'The request body is larger than {limit} bytes',
    status: 413,
    remedy: 'Send fewer members in one request, or raise limits.body.',
  },
  ...REQUESTS,
  ...BULK_AND_CURSORS,
  SCIM_DEPTH: {
    message: 'The JSON is nested deeper than {limit}',
    status: 400,
    scimType: 'invalidSyntax',
    remedy: 'SCIM values are at most a few levels deep.',
  },
  SCIM_NOT_IMPLEMENTED: {
    message: '{feature} is not there for this token',
    status: 501,
    remedy: 'Send a token that stands for a person (docs/tokens.md), or look the person up under /Users.',
  },
  SCIM_FORBIDDEN: {
    message: '{reason}',
    status: 403,
    remedy: 'Ask without it; the whole list is short.',
  },
  SCIM_QUOTA: {
    message: 'The connection has reached its limit of {limit} {what}',
    status: 403,
    remedy: 'Assign fewer users and groups to the application, or spread them over several connections.',
  },
  SCIM_DAILY: {
    message: 'The connection has made its {limit} changes of today; {seconds} seconds are left of the day (UTC)',
    status: 429,
    remedy: 'Wait for Retry-After seconds, or raise limits.writesPerDay of the connection. Deactivations still pass.',
  },
  SCIM_RATE: {
    message: 'The connection sends more than {limit} requests a second',
    status: 429,
    remedy:
      'Wait for Retry-After seconds, or raise limits.requestsPerSecond of the connection. A search that no index answers counts as many requests: filter by userName, externalId, id or emails.value (docs/limits.md).',
  },
  SCIM_TURN: {
    message: 'Other large requests of the connection took so long that the turn of this one did not come',
    status: 429,
    remedy: 'Wait for Retry-After seconds, and send large requests one after another (docs/limits.md).',
  },
  SCIM_INTERNAL: {
    message: 'The request failed for a reason of ours; request id {request}',
    status: 500,
    remedy: 'Look for the request id in the log of the service.',
  },
  ...CREDENTIAL_ERRORS,
  API_ROUTE: {
    message: 'There is nothing at this address',
    status: 404,
    remedy: 'SCIM is under /scim/v2; the service is operated by the command line.',
  },
  ...CONFIGURATION_ERRORS,
  ...STORE_ERRORS,
  ...CONTROLLER_ERRORS,
  ...PLAN_ERRORS,
  ROLE_UNKNOWN: {
    message: '{what} a role called {role}{hint}',
    status: 404,
    remedy: 'Known: {known}. Write it as Jenkins shows it; `jenkins-scim plan` has the names.',
  },
  ROLE_TAKEN: {
    message: "{controller} has item roles of the demo's names: {roles}",
    status: 409,
    remedy:
      'Rename them on Jenkins, or delete them where a demo that was killed left them; or name another controller. Nothing was written.',
  },
  USER_AMBIGUOUS: {
    message: 'Several people are known as {user}: {ids}',
    status: 409,
    remedy: 'Give the SCIM id of the one you mean.',
  },
  USER_UNKNOWN: {
    message: 'Nobody is known as {user}',
    status: 404,
    remedy: 'Give a userName, an externalId or a SCIM id.',
  },
  LED_BROKEN: {
    message: 'The ledger is broken at record {seq}: {reason}',
    status: 0,
    remedy: 'Keep the file, restore a backup beside it, compare from that record on.',
  },
  LED_EXPORT: {
    message: 'Record {seq} of the export (line {line}) is not what this service wrote: {reason}',
    status: 0,
    remedy:
      'Take an export that nobody edited, whole and from its first line on, and let keys: name the folder of then. `recover --unproven` takes the file as it is, and the ledger says so. Nothing was written.',
  },
  KEY_FILE: {
    message: 'The key file {path} cannot be used: {reason}',
    status: 0,
    remedy:
      'Restore it from a backup, or copy it from another replica; a new key makes every token and seal invalid. One that may not be read: run this as the account of the service.',
  },
  KEY_FOREIGN: {
    message: 'The keys in {path} belong to another database',
    status: 0,
    remedy:
      'Set keys: to the folder this database, or this backup, was made with (a copy of it on each replica), or database: to the one of these keys. Nothing was written.',
  },
  SYNC_LEASE: {
    message: 'Another process writes to the controller {controller} now',
    status: 0,
    remedy:
      'It took over because this one was silent for 30 s, and settles what was under way: look at `jenkins-scim plan`. Where that comes again, look for what freezes the process.',
  },
  SYNC_FENCE: {
    message:
      'The controller {controller} obeys a process that works there with a copy of this database and its keys ({reason})',
    status: 0,
    remedy:
      'Stop that process, and start this service again: who starts last is obeyed. Where there is none, the clock was ahead before this database was put back: restart Jenkins, which forgets it.',
  },
  CLOCK_FINE: {
    message: 'The clock is not behind: {reason}',
    status: 0,
    remedy: 'Nothing has to be accepted; `jenkins-scim clock show` tells both times.',
  },
  CLI_USAGE: { message: '{reason}', status: 0, remedy: 'The message names what is known; see --help of the command.' },
  CLI_ABORTED: {
    message: 'Ended before every question was answered; nothing was written',
    status: 0,
    remedy: 'Start again, or give the answers as options: see --help.',
  },
  CLI_FILE: {
    message: '{path} cannot be used: {reason}',
    status: 0,
    remedy: 'Choose another path, or look at its folder, room on the disk and who may read or write there.',
  },
  CLI_NETWORK: {
    message: '{address} cannot be used: {reason}',
    status: 0,
    remedy: 'Stop what listens there already, or choose another server.listen.',
  },
});

export type ErrorCode = keyof typeof CATALOGUE;

/** Values that fill the holes of a message and are logged beside it. Never put a secret here. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

/** An error of the catalogue; `status`, `scimType` and `remedy` come from there. */
export class ScimError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    super(fill(CATALOGUE[code].message, details), cause === undefined ? undefined : { cause });
    this.name = 'ScimError';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return CATALOGUE[this.code].status;
  }

  get scimType(): ScimType | undefined {
    const found: Entry = CATALOGUE[this.code];
    return found.scimType;
  }

  get remedy(): string {
    return fill(CATALOGUE[this.code].remedy, this.details);
  }
}

/** Makes an error of the catalogue in one line at the place that throws it. */
export function refuse(code: ErrorCode, details?: ErrorDetails, cause?: unknown): ScimError {
  return new ScimError(code, details, cause);
}

const OUTAGES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'STORE_FAILED',
  'STORE_DAMAGED',
  'STORE_UNREACHABLE',
  'STORE_LOGIN',
  'STORE_HBA',
  'STORE_TLS',
  'STORE_DATABASE',
  'STORE_CONNECTIONS',
]);

/** Whether the database cannot be had at all, or not be written, and somebody has to mend it. */
export function isStoreOutage(error: unknown): error is ScimError {
  return error instanceof ScimError && OUTAGES.has(error.code);
}

/** Whether the database is in trouble, and not what was asked of it: it may go well when it is tried again. */
export function isStoreFailure(error: unknown): boolean {
  return (
    error instanceof ScimError &&
    (OUTAGES.has(error.code) || error.code === 'STORE_BUSY' || error.code === 'STORE_UNKNOWN')
  );
}

/** Whether there is no policy to work by: the file says so of itself, and nobody else is to blame. */
export function isPolicyFailure(error: unknown): error is ScimError {
  return error instanceof ScimError && error.code.startsWith('POL_');
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
}
