import type { CutOutcome, LeaverResult, Observed } from '../../access/ports/controller.ts';
import type { LedgerEvent } from '../../access/ports/recorder.ts';
import type { Transaction } from '../../access/ports/store.ts';
import { foldId } from '../../access/principal.ts';
import { type Cause, isLeaverStep, type LeaverStep } from '../../plan/step.ts';
import type { Tables } from '../../store/tables.ts';
import type { Assessment } from '../pass/assessment.ts';
import { closeIntents, type IntentRow } from '../pass/intents.ts';
import { actorOf } from '../pass/outcome.ts';
import type { SyncContext } from '../state/context.ts';
import { PART, partsOf, type Work } from '../state/parts.ts';
import type { StoredStep } from './certificate.ts';
import { butHatch, marked, type Proof, proofOf } from './leaverOutcome.ts';
import { forgetEntriesAt, isState, type Proved, proveDebts, type Unpaid, unpaidOfAll } from './leaverStatements.ts';
import { latest } from './storedDebts.ts';

/** An unfinished leaver is tried again after this long, doubled from one second. */
const RETRY_MS = { first: 1_000, longest: 60_000 } as const;

/** People whose outcome is stored together: requests wait for one such part. */
const PEOPLE = 25;

/** What is stored of a cut: debts with their proof, entries that fell, a ledger record per person; in the end the intent. */
export function cutWorks(
  context: SyncContext,
  assessed: Assessment,
  rows: readonly IntentRow[],
  ordered: ReadonlyMap<string, readonly LeaverStep[]>,
  results: ReadonlyMap<string, LeaverResult>,
  observed: Observed,
  answer: CutOutcome,
): { readonly works: Work[]; readonly counts: { readonly verified: number; readonly failed: number } } {
  const now = context.clock.now();
  const counts = { verified: 0, failed: 0 };
  const proofs: Proven[] = [];
  const failures: Work[] = [];
  const owed = owedOf(assessed, ordered);
  for (const [foldedId, steps] of ordered) {
    const { person, cause } = steps[0]!;
    const answered = results.get(foldedId);
    if (answered === undefined) {
      counts.failed += steps.length;
      const reason = answer.reason ?? 'no answer';
      const run: Work['run'] = (tx) => storeFailure(tx, assessed.controller.name, foldedId, person, reason, now);
      failures.push({ rows: PART / PEOPLE, run });
      continue;
    }
    const result = butHatch(answered, assessed.live.capabilities);
    const handedOn = isHandedOn(assessed, foldedId, person);
    const proof = proofOf(steps, owed.get(foldedId) ?? steps, result, observed, answer.remoteTriggers, handedOn);
    const verified = proof.steps.filter((step) => step.verified).length;
    counts.verified += verified;
    counts.failed += proof.settled ? 0 : steps.length - verified;
    proofs.push({ foldedId, person, cause, proof, result });
  }
  const state = answer.outcome === 'done' ? (counts.failed === 0 ? 'verified' : 'failed') : 'unknown';
  const spellings = proofs.length === 0 ? NONE : spellingsOf(assessed, new Set(ordered.keys()));
  const people = partsOf(proofs, PEOPLE).map(
    (part): Work => ({
      rows: (part.length * PART) / PEOPLE,
      run: (tx) => storeProofs(context, tx, assessed, spellings, part, now),
    }),
  );
  const end: Work = { rows: 0, run: ({ db }) => closeIntents(db, rows, state, now, answer.reason) };
  return { works: [...people, ...failures, end], counts };
}

/** Whether an id is somebody else's by now than who owes there. */
function isHandedOn({ identities }: Assessment, foldedId: string, person: string): boolean {
  const owner = identities.owners.get(foldedId);
  return owner?.state === 'current' && owner.person !== person;
}

/** Everything that is planned for the people who are cut, by folded id; what is held of it is owed all the same. */
function owedOf(
  { plan, live }: Assessment,
  ordered: ReadonlyMap<string, readonly LeaverStep[]>,
): ReadonlyMap<string, readonly LeaverStep[]> {
  const planned = plan.steps.filter(isLeaverStep);
  return Map.groupBy(
    planned.filter(
      ({ principal, person }) => ordered.get(foldId(principal.id, live.capabilities.userIds))?.[0]?.person === person,
    ),
    ({ principal }) => foldId(principal.id, live.capabilities.userIds),
  );
}

/** What was proved of one person. */
interface Proven {
  readonly foldedId: string;
  readonly person: string;
  readonly cause: Cause;
  readonly proof: Proof;
  readonly result: LeaverResult;
}

/** Stores what was proved of several people by a few statements; of whoever owes nothing any more, what was done all the same. */
async function storeProofs(
  context: SyncContext,
  tx: Transaction<Tables>,
  assessed: Assessment,
  spellings: ReadonlyMap<string, readonly string[]>,
  part: readonly Proven[],
  now: number,
): Promise<void> {
  const controller = assessed.controller.name;
  const named = part.map(({ foldedId, person }) => ({ folded_id: foldedId, person }));
  const unpaid = await unpaidOfAll(tx.db, controller, named);
  const owed = new Map(unpaid.map((row) => [row.folded_id, row]));
  const stored = part.flatMap(({ foldedId, proof, result }) => {
    const row = owed.get(foldedId);
    return row === undefined
      ? []
      : [{ foldedId, row, proof, result, debt: progressOf(context, foldedId, row, proof, result, now) }];
  });
  await proveDebts(
    tx.db,
    controller,
    stored.map(({ debt }) => debt),
  );
  const gone = stored.filter(
    ({ proof, result }) =>
      result.after.entries.length === 0 &&
      proof.steps.some(({ kind, verified }) => kind === 'remove-entries' && verified),
  );
  await forgetEntriesAt(
    tx.db,
    controller,
    gone.flatMap(({ foldedId, row: { person }, result }) =>
      [...(spellings.get(foldedId) ?? []), result.id].map((sid) => ({ sid, person })),
    ),
  );
  await context.recorder.recordAll(
    tx,
    [
      ...stored.map(({ row, proof, debt }) => recordOf(controller, row, proof, debt.state === 'done', now)),
      ...part.flatMap((proven) => (owed.has(proven.foldedId) ? [] : [unowedRecord(controller, proven)])),
    ].map((event) => ({ ...event, actor: actorOf(context, assessed) })),
  );
}

const NONE: ReadonlyMap<string, readonly string[]> = new Map();

/** How ids are spelled in what is stored, by folded id; other ids of the same person stay as they are. */
function spellingsOf({ situation, live }: Assessment, wanted: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { sid } of situation.entries) {
    const folded = foldId(sid, live.capabilities.userIds);
    if (wanted.has(folded)) found.set(folded, [...(found.get(folded) ?? []), sid]);
  }
  return found;
}

function progressOf(
  context: SyncContext,
  foldedId: string,
  row: Unpaid,
  proof: Proof,
  result: LeaverResult,
  now: number,
): Proved {
  // A clock that was set back meanwhile: nothing is done before it was owed.
  const at = latest(new Date(now).toISOString(), row.received_at);
  const merged = mergeSteps(JSON.parse(row.steps) as StoredStep[], marked(proof.steps, result.after));
  const waits =
    row.cause === 'unentitled' && !merged.some(({ kind, verified }) => kind === 'revoke-tokens' && verified);
  const graceMs = context.config.leaver.unentitledGrace;
  const done = proof.settled && !(waits && context.config.leaver.tokens === 'revoke');
  const attempts = proof.settled ? row.attempts : row.attempts + 1;
  const retry = now + Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** Math.min(attempts, 6));
  const due = row.cause === 'unentitled' && proof.settled ? Date.parse(row.received_at) + graceMs : retry;
  return {
    ...{ folded_id: foldedId, person: row.person },
    steps: JSON.stringify(merged),
    missing: JSON.stringify(proof.missing),
    residual: JSON.stringify(proof.residue.texts),
    state: done ? 'done' : 'open',
    started_at: row.started_at ?? at,
    done_at: done ? (row.done_at ?? at) : null,
    due_ms: done ? now : due,
    attempts,
    error: result.error ?? (proof.settled ? undefined : whyUndone(result)) ?? null,
  };
}

/** Why the controller could not do the first of the steps that it did not do. */
function whyUndone({ steps }: LeaverResult): string | undefined {
  const undone = steps.find(({ done }) => !done);
  return undone === undefined ? undefined : `${undone.kind}: ${undone.reason}`;
}

function recordOf(controller: string, row: Unpaid, proof: Proof, done: boolean, now: number): LedgerEvent {
  return {
    kind: done ? `${row.cause}.complete` : `${row.cause}.progress`,
    ...(row.request === null ? {} : { request: row.request }),
    subject: { kind: 'user', id: row.person },
    body: {
      controller,
      steps: proof.steps,
      missing: proof.missing,
      ...leftOf(proof),
      receivedAt: row.received_at,
      ...(done ? { elapsedMs: Math.max(0, now - Date.parse(row.received_at)) } : {}),
    },
    personal: { jenkinsId: row.id },
  };
}

/** How many lines the certificate has of it, and what is left. */
function leftOf({ residue }: Proof) {
  return { residual: residue.texts.length, left: residue.names };
}

/** What was taken from somebody whose debt was paid, or cancelled meanwhile: it stood there again. */
function unowedRecord(controller: string, { person, cause, proof, result }: Proven): LedgerEvent {
  return {
    kind: `${cause}.again`,
    subject: { kind: 'user', id: person },
    body: { controller, steps: proof.steps, missing: proof.missing, ...leftOf(proof) },
    personal: { jenkinsId: result.id },
  };
}

/** A step that was done again keeps the later time; a proof replaces a claim. */
function mergeSteps(before: readonly StoredStep[], after: readonly StoredStep[]): StoredStep[] {
  const merged = new Map(before.map((step) => [step.kind, step]));
  for (const step of after) {
    const old = merged.get(step.kind);
    if (old === undefined || step.verified || !old.verified) merged.set(step.kind, step);
  }
  return [...merged.values()];
}

async function storeFailure(
  tx: Transaction<Tables>,
  controller: string,
  foldedId: string,
  person: string,
  reason: string,
  now: number,
): Promise<void> {
  const row = await tx.db
    .selectFrom('debts')
    .select('attempts')
    .where('controller', '=', controller)
    .where('folded_id', '=', foldedId)
    .where('person', '=', person)
    .where(isState(['open']))
    .executeTakeFirst();
  if (row === undefined) return;
  const attempts = row.attempts + 1;
  const due = now + Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** Math.min(attempts, 6));
  await tx.db
    .updateTable('debts')
    .set({ attempts, error: reason, due_ms: due, started_at: new Date(now).toISOString() })
    .where('controller', '=', controller)
    .where('folded_id', '=', foldedId)
    .where('person', '=', person)
    .execute();
}
