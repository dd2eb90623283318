import type { Observed, PersonState, RemoteTriggers } from '../../access/ports/controller.ts';
import type { LeaverConfig } from '../../config/leaver.ts';
import type { Cause } from '../../plan/step.ts';

/** What somebody who left still has on a controller (semantics §2), for the certificate and for the ledger. */
export interface Residue {
  /** For people, each kind bounded. */
  readonly texts: readonly string[];
  /** For the ledger: `apiToken:UUID`, `sshSessions:2`, …; no value of a person. At most `NAMED`, then how many more. */
  readonly names: readonly string[];
}

/** Most things that one record names. */
export const NAMED = 20;
/** Most things of a kind that a certificate lists. */
const SHOWN = 10;

const TRIGGERS = 'remote build triggers';
/** Stands on a certificate where the time did not suffice for all jobs. */
export const UNSEEN_TRIGGERS = `${TRIGGERS} of jobs that could not be looked at`;

/** Whether a line of a certificate is about remote build triggers, which are of the controller. */
export function isTriggerText(text: string): boolean {
  return (
    text === UNSEEN_TRIGGERS || text.startsWith('remote build trigger of job ') || text.endsWith(` more ${TRIGGERS}`)
  );
}

/** Some things of one kind; `count` where there are more than are known by name. */
interface Part {
  readonly names: readonly string[];
  readonly texts: readonly string[];
  readonly what: string;
  readonly count: number;
}

/**
 * What a reading after the cut shows: what could not be taken yet, what the configuration keeps, and what no step can take. Of an
 * active person who has no grant any more tokens, keys and sessions are their own. Pure.
 */
export function residueOf(
  after: PersonState,
  observed: Observed,
  triggers: RemoteTriggers | undefined,
  cause: Cause | undefined,
): Residue {
  const parts = [...(cause === 'unentitled' ? [] : own(after)), ...beyond(after, observed, triggers)];
  const names = parts.flatMap((part) => part.names);
  const all = parts.reduce((sum, { count }) => sum + count, 0);
  const named = names.slice(0, NAMED);
  return {
    texts: parts.flatMap(listed),
    names: all > named.length ? [...named, `and ${all - named.length} more`] : named,
  };
}

/** Of somebody of whom nothing is taken, and who was not looked at therefore: what the configuration leaves to people. Pure. */
export function keptBy({ tokens, sshKeys, sessions, password, grants }: LeaverConfig): Residue {
  const kept = [
    ...(tokens === 'keep' ? [['apiTokens', 'API tokens'] as const] : []),
    ...(sshKeys === 'keep' ? [['sshKeys', 'SSH keys'] as const] : []),
    ...(sessions === 'keep' ? [['sessions', 'sessions'] as const] : []),
    ...(password === 'keep' ? [['password', 'password'] as const] : []),
    ...(grants === 'managed' ? [['entries', 'entries made by hand'] as const] : []),
  ];
  const what = kept.map(([, text]) => text).join(', ');
  return {
    texts: kept.length === 0 ? [] : [`kept by the configuration, and not looked at: ${what}`],
    names: kept.map(([name]) => `kept:${name}`),
  };
}

/** What leaver steps take, where it is there all the same. */
function own({ tokens, sshKeys, sshSessions, entries }: PersonState): Part[] {
  return [
    several(
      'API tokens',
      tokens,
      ({ uuid }) => `apiToken:${uuid}`,
      ({ uuid }) => `API token ${uuid}`,
    ),
    counted('sshKeys', sshKeys, `${sshKeys} SSH key(s)`),
    counted('sshSessions', sshSessions, `${sshSessions} open SSH or CLI session(s)`),
    several(
      'entries',
      entries,
      ({ type, role }) => `entry:${type}:${role}`,
      ({ type, role }) => `entry in ${type} role ${role}`,
    ),
  ].filter(({ count }) => count > 0);
}

/** What no step takes. */
function beyond(after: PersonState, observed: Observed, triggers: RemoteTriggers | undefined): Part[] {
  const groups = observed.roles.flatMap(({ type, name, entries }) =>
    entries.flatMap((entry) => (entry.type === 'group' ? [{ type, name, id: entry.id }] : [])),
  );
  // A realm matches these with groups as well. Most name people, whose own are taken.
  const own = after.id.toLowerCase();
  const eithers = observed.roles.flatMap(({ type, name, entries }) => {
    const count = entries.filter((entry) => entry.type === 'either' && entry.id.toLowerCase() !== own).length;
    return count === 0 ? [] : [{ type, name, count }];
  });
  return [
    counted('runningBuilds', after.runningBuilds, `${after.runningBuilds} running build(s)`),
    counted('queuedBuilds', after.queuedBuilds, `${after.queuedBuilds} build(s) waiting in the queue`),
    counted('credentials', after.credentials, `${after.credentials} credential(s) of the user`),
    several(
      'GROUP entries',
      groups,
      ({ type, name, id }) => `groupEntry:${type}:${name}:${id}`,
      ({ type, name, id }) => `GROUP ${id} in ${type} role ${name}, if the realm still puts the person in it`,
    ),
    several(
      'roles with EITHER entries',
      eithers,
      ({ type, name, count }) => `eitherEntries:${type}:${name}:${count}`,
      ({ type, name, count }) =>
        `${count} EITHER entries in ${type} role ${name}, if one names a group that the realm still puts the person in`,
    ),
    ...(triggers === undefined ? [] : triggered(triggers)),
  ].filter(({ count }) => count > 0);
}

function triggered({ jobs, count, whole }: RemoteTriggers): Part[] {
  const known = several(
    TRIGGERS,
    jobs,
    (job) => `remoteTrigger:${job}`,
    (job) => `remote build trigger of job ${job}, for whoever knows its token`,
  );
  return [
    { ...known, count },
    ...(whole ? [] : [counted('remoteTriggers', 1, UNSEEN_TRIGGERS, 'remoteTriggers:unseen')]),
  ];
}

function counted(kind: string, count: number, text: string, name = `${kind}:${count}`): Part {
  return { names: [name], texts: [text], what: kind, count: count > 0 ? 1 : 0 };
}

/** Only what is shown is put into words: a controller may have thousands. */
function several<T>(what: string, all: readonly T[], name: (item: T) => string, text: (item: T) => string): Part {
  return { what, count: all.length, names: all.slice(0, NAMED).map(name), texts: all.slice(0, SHOWN).map(text) };
}

function listed({ texts, count, what }: Part): string[] {
  const shown = texts.slice(0, SHOWN);
  return count > shown.length ? [...shown, `${count - shown.length} more ${what}`] : shown;
}
