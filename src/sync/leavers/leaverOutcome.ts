import { type Hatch, isHatch } from '../../access/escapeHatch.ts';
import type {
  LeaverResult,
  LeaverStepKind,
  Observed,
  PersonState,
  RemoteTriggers,
} from '../../access/ports/controller.ts';
import type { RoleKey } from '../../access/role.ts';
import type { LeaverConfig } from '../../config/leaver.ts';
import type { LeaverStep } from '../../plan/step.ts';
import type { CertifiedStep, StoredStep } from './certificate.ts';
import { type Residue, residueOf } from './residue.ts';

/** What a cut proved of one person. */
export interface Proof {
  readonly steps: readonly CertifiedStep[];
  readonly missing: readonly LeaverStepKind[];
  readonly residue: Residue;
  /** Every step owed is verified by what was read after it, or cannot be done there. */
  readonly settled: boolean;
}

/**
 * Judges the steps of one person by the state read after the last of them. Pure.
 * @param owed what is planned for the person there; a step of it that is held was not ordered
 * @param handedOn the id is somebody else's by now: entries that still stand there are theirs
 */
export function proofOf(
  ordered: readonly LeaverStep[],
  owed: readonly LeaverStep[],
  result: LeaverResult,
  observed: Observed,
  triggers: RemoteTriggers | undefined,
  handedOn = false,
): Proof {
  const exact = ordered.find(({ kind, exactly }) => kind === 'remove-entries' && exactly === true)?.entries;
  const steps = result.steps.map(({ kind, at, done }) => ({
    kind,
    at: new Date(at).toISOString(),
    verified: done && proven(kind, result.after, exact),
  }));
  const verified = new Set(steps.filter((step) => step.verified).map(({ kind }) => kind));
  const missing = new Set(result.missing);
  const settled = result.error === undefined && owed.every(({ kind }) => verified.has(kind) || missing.has(kind));
  const after = handedOn ? { ...result.after, entries: [] } : result.after;
  const residue = residueOf(after, observed, triggers, ordered[0]?.cause);
  return { steps, missing: result.missing, residue, settled };
}

/**
 * The answer of a cut without what it could not do: the password of the realm's escape hatch is none of the record, and opens the id yet.
 * Pure.
 */
export function butHatch(result: LeaverResult, hatch: Hatch): LeaverResult {
  const kept = result.steps.filter(({ kind }) => kind !== 'scramble-password');
  if (kept.length === result.steps.length || !isHatch(hatch, result.id)) return result;
  return { ...result, steps: kept, missing: [...result.missing, 'scramble-password'] };
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
    case 'end-sessions':
      return after.signedIn !== true;
    case 'scramble-password':
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

type Marks = NonNullable<PersonState['marks']>;

/** What is still to be what a step left, by kind. */
const MARKED: { readonly [K in LeaverStepKind]?: keyof Marks } = {
  'scramble-password': 'password',
  'end-sessions': 'seed',
};

/** The mark of a password that was not there to be scrambled. */
const NO_PASSWORD = '';

/** Steps with what they left, so that it is seen later whether that was put back. */
export function marked(steps: readonly CertifiedStep[], { marks, password }: PersonState): StoredStep[] {
  return steps.map((step) => {
    const which = MARKED[step.kind];
    if (which === undefined) return step;
    if (marks !== undefined) return { ...step, mark: marks[which] };
    return which === 'password' && !password ? { ...step, mark: NO_PASSWORD } : step;
  });
}

/**
 * Whether the record is another one than the steps left: a backup of users that was put back brings password and session seed again;
 * or an account with a password where there was none. What was done before there were marks tells nothing.
 */
export function putBack(
  left: readonly StoredStep[],
  { marks, password }: PersonState,
  leaver: Pick<LeaverConfig, 'password'>,
): boolean {
  const scrambled = left.some(({ kind, mark }) => kind === 'scramble-password' && mark !== NO_PASSWORD);
  if (password && leaver.password === 'scramble' && !scrambled) return true;
  if (password && left.some(({ kind, verified }) => kind === 'delete-record' && verified)) return true;
  return left.some(({ kind, mark }) => {
    const which = MARKED[kind];
    return mark && which !== undefined && marks !== undefined && marks[which] !== mark;
  });
}

/** What falls of somebody who left: by the configuration, and not in roles that are protected. */
export interface Falling {
  readonly leaver: Pick<LeaverConfig, 'tokens' | 'sshKeys' | 'sessions' | 'grants'>;
  readonly isProtected: (role: RoleKey) => boolean;
}

/**
 * Whether something came back that a debt took which is paid: an entry, token, key or session. A login that was under way while
 * sessions were ended has one of after it. What is left to people never fell.
 */
export function cameBack(
  { tokens, sshKeys, sshSessions, signedIn, entries }: PersonState,
  { leaver, isProtected }: Falling,
): boolean {
  if (leaver.tokens === 'revoke' && tokens.length > 0) return true;
  if (leaver.sshKeys === 'remove' && sshKeys + sshSessions > 0) return true;
  if (leaver.sessions === 'end' && signedIn === true) return true;
  return leaver.grants === 'all' && entries.some(({ type, role }) => !isProtected({ type, name: role }));
}
