import type {
  LeaverResult,
  LeaverStepKind,
  Observed,
  PersonState,
  RemoteTriggers,
} from '../access/ports/controller.ts';
import type { LeaverStep } from '../plan/step.ts';
import type { CertifiedStep } from './certificate.ts';

/** What a cut proved of one person. */
export interface Proof {
  readonly steps: readonly CertifiedStep[];
  readonly missing: readonly LeaverStepKind[];
  readonly residual: readonly string[];
  /** Every step ordered is verified by what was read after it, or cannot be done there. */
  readonly settled: boolean;
}

/** Judges the steps of one person by the state read after the last of them. Pure. */
export function proofOf(
  ordered: readonly LeaverStep[],
  result: LeaverResult,
  observed: Observed,
  triggers: RemoteTriggers | undefined,
): Proof {
  const exact = ordered.find(({ kind, exactly }) => kind === 'remove-entries' && exactly === true)?.entries;
  const steps = result.steps.map(({ kind, at, done }) => ({
    kind,
    at: new Date(at).toISOString(),
    verified: done && proven(kind, result.after, exact),
  }));
  const verified = new Set(steps.filter((step) => step.verified).map(({ kind }) => kind));
  const missing = new Set(result.missing);
  const settled = result.error === undefined && ordered.every(({ kind }) => verified.has(kind) || missing.has(kind));
  return { steps, missing: result.missing, residual: residualOf(result.after, observed, triggers), settled };
}

/** Whether what a step was to end is gone in the state read afterwards. */
export function proven(kind: LeaverStepKind, after: PersonState, exact?: LeaverStep['entries']): boolean {
  switch (kind) {
    case 'revoke-tokens':
      return after.tokens.length === 0;
    case 'remove-ssh-keys':
      return after.sshKeys === 0;
    case 'close-ssh-sessions':
      return after.sshSessions === 0;
    case 'remove-entries':
      return exact === undefined ? after.entries.length === 0 : exact.every((entry) => !stands(after, entry));
    case 'second-cut':
      return after.tokens.length === 0 && after.sshKeys === 0;
    case 'delete-record':
      return after.record === undefined;
    case 'scramble-password':
    case 'end-sessions':
      return true;
  }
}

function stands(after: PersonState, { role, principal }: NonNullable<LeaverStep['entries']>[number]): boolean {
  return after.entries.some(
    (entry) =>
      entry.type === role.type &&
      entry.role === role.name &&
      entry.principal.type === principal.type &&
      entry.principal.id === principal.id,
  );
}

const SHOWN = 10;

/** What cannot be removed and may still act (semantics §2). */
export function residualOf(after: PersonState, observed: Observed, triggers?: RemoteTriggers): string[] {
  const groups = observed.roles.flatMap((role) =>
    role.entries
      .filter(({ type }) => type === 'group')
      .map(({ id }) => `GROUP ${id} in ${role.type} role ${role.name}, if the realm still puts the person in it`),
  );
  return [
    ...(after.runningBuilds > 0 ? [`${after.runningBuilds} running build(s)`] : []),
    ...(after.queuedBuilds > 0 ? [`${after.queuedBuilds} build(s) waiting in the queue`] : []),
    ...(after.credentials > 0 ? [`${after.credentials} credential(s) of the user`] : []),
    ...listed(groups, groups.length, 'GROUP entries'),
    ...(triggers === undefined ? [] : triggered(triggers)),
  ];
}

function triggered({ jobs, count, whole }: RemoteTriggers): string[] {
  const texts = jobs.map((job) => `remote build trigger of job ${job}, for whoever knows its token`);
  const unseen = 'remote build triggers of jobs that could not be looked at';
  return [...listed(texts, count, 'remote build triggers'), ...(whole ? [] : [unseen])];
}

function listed(texts: readonly string[], count: number, what: string): string[] {
  const shown = texts.slice(0, SHOWN);
  return count > shown.length ? [...shown, `${count - shown.length} more ${what}`] : shown;
}

/** Whether somebody whose debt is paid can act again: an entry, token, key or session that came back. */
export function cameBack(state: PersonState, grants: 'all' | 'managed'): boolean {
  const entries = grants === 'all' && state.entries.length > 0;
  return entries || state.tokens.length > 0 || state.sshKeys > 0 || state.sshSessions > 0;
}
