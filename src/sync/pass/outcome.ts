import type { Kysely } from 'kysely';
import { OPERATOR } from '../../access/operator.ts';
import type { LedgerEvent } from '../../access/ports/recorder.ts';
import type { Reason } from '../../access/reason.ts';
import type { Step } from '../../plan/step.ts';
import { runBlind } from '../../store/blind.ts';
import type { Tables } from '../../store/tables.ts';
import type { SyncContext } from '../state/context.ts';
import type { Work } from '../state/parts.ts';
import { type EntryName, entryName, setVerified } from '../state/storedEntries.ts';
import type { Assessment } from './assessment.ts';
import { closeIntents, type IntentRow, intentOf } from './intents.ts';

type Db = Kysely<Tables>;

/** Who does what a pass does, as the ledger says it. */
export function actorOf(context: Pick<SyncContext, 'operator'>, { by }: Pick<Assessment, 'by'>): string {
  return by === 'operator' ? operatorOf(context) : 'sync';
}

/** Whose order is being carried out. */
export function operatorOf({ operator }: Pick<SyncContext, 'operator'>): string {
  return operator ?? OPERATOR;
}

/** A step with what became of it. */
export interface Settled {
  readonly step: Step;
  readonly verified: boolean;
}

interface Outcome {
  readonly controller: string;
  /** Whose doing it is: the service's own, or of an operator who applied or released it. */
  readonly actor: string;
  readonly rows: readonly IntentRow[];
  /** What became of the steps of these rows, in their order. */
  readonly settled: readonly Settled[];
  /** Why it was judged by reading only. */
  readonly detail?: string;
}

/**
 * What a batch did to the strategy: entries, roles, a ledger record per change, and with them the end of each row of the intent.
 * Whatever happens between two rows, nothing is lost and nothing told twice.
 */
export function outcomeWorks(context: SyncContext, { controller, actor, rows, settled, detail }: Outcome): Work[] {
  const now = context.clock.now();
  let at = 0;
  return rows.map((row) => {
    const part = settled.slice(at, at + row.steps.length);
    at += row.steps.length;
    return {
      rows: part.length,
      async run(tx) {
        const all = part.every(({ verified }) => verified);
        await closeIntents(tx.db, [row], all ? 'verified' : 'failed', now, detail);
        const verified = part.flatMap((item) => (item.verified ? [item.step] : []));
        await storeSteps(tx.db, controller, verified);
        await context.recorder.recordAll(
          tx,
          part.map((item) => ({ ...eventOf(controller, intentOf(row.id), item, detail), actor })),
        );
      },
    };
  });
}

async function storeSteps(db: Db, controller: string, steps: readonly Step[]): Promise<void> {
  const named = (kind: 'grant' | 'revoke'): EntryName[] =>
    steps.flatMap((step) => (step.kind === kind ? [entryName(step.role, step.principal)] : []));
  await setVerified(db, controller, named('grant'), { verified: 1 });
  await setVerified(db, controller, named('revoke'), { verified: 0, desired: 0 });
  for (const step of steps)
    if (step.kind === 'create-role' || step.kind === 'delete-role') await storeRole(db, controller, step);
}

async function storeRole(
  db: Db,
  controller: string,
  { kind, role }: Step & { readonly kind: 'create-role' | 'delete-role' },
): Promise<void> {
  const { type, name } = role;
  if (kind === 'create-role') {
    const row = { controller, role_type: type, role_name: name, empty_since_ms: null };
    const insert = db.insertInto('owned_roles').values(row);
    return runBlind(
      db,
      insert.onConflict((conflict) => conflict.doNothing()),
    );
  }
  const gone = db.deleteFrom('owned_roles').where('controller', '=', controller);
  await runBlind(db, gone.where('role_type', '=', type).where('role_name', '=', name));
  const entries = db.updateTable('entries').set({ verified: 0 }).where('controller', '=', controller);
  await runBlind(db, entries.where('role_type', '=', type).where('role_name', '=', name));
}

/** Kinds of the records that tell of what somebody gains by. */
export const GAIN_RECORDS: Readonly<Record<string, string>> = {
  grant: 'grant.added',
  'create-role': 'role.created',
  'update-role': 'role.changed',
};

const KINDS: Readonly<Record<string, string>> = {
  ...GAIN_RECORDS,
  revoke: 'grant.removed',
  'delete-role': 'role.deleted',
};

/** A reason as the ledger has it. */
export function ofRecord({ via: _, ...reason }: Reason): Omit<Reason, 'via'> {
  return reason;
}

/** One change of the strategy as evidence: what, by which rule, group and request; the id apart, erasable. */
function eventOf(
  controller: string,
  intent: string,
  { step, verified }: Settled,
  detail: string | undefined,
): Omit<LedgerEvent, 'actor'> {
  const request = step.reasons.find((reason) => reason.request !== undefined)?.request;
  const role = 'role' in step ? `${step.role.type}:${step.role.name}` : undefined;
  const kind = KINDS[step.kind] ?? `leaver.${step.kind}`;
  return {
    kind: verified ? kind : `${kind}.failed`,
    ...(request === undefined ? {} : { request }),
    subject: step.person === undefined ? { kind: 'controller', id: controller } : { kind: 'user', id: step.person },
    body: {
      controller,
      intent,
      cause: step.cause,
      reasons: step.reasons.map(ofRecord),
      ...(role === undefined ? {} : { role }),
      ...('principal' in step ? { entry: step.principal.type } : {}),
      ...(step.kind === 'create-role' || step.kind === 'update-role'
        ? { permissions: step.role.permissions, pattern: step.role.pattern }
        : {}),
      ...(detail === undefined ? {} : { detail }),
    },
    ...('principal' in step ? { personal: { jenkinsId: step.principal.id } } : {}),
  };
}
