import type { Kysely } from 'kysely';
import type { LedgerEvent } from '../access/ports/recorder.ts';
import type { Transaction } from '../access/ports/store.ts';
import type { Step } from '../plan/step.ts';
import type { Tables } from '../store/tables.ts';
import type { SyncContext } from './context.ts';
import { entryAt, entryKey } from './storedEntries.ts';

type Db = Kysely<Tables>;

/** A step with what became of it. */
export interface Settled {
  readonly step: Step;
  readonly verified: boolean;
}

/** Stores what a batch did to the strategy: entries, roles, the intent, and a ledger record per change. */
export async function storeBatch(
  context: SyncContext,
  tx: Transaction<Tables>,
  controller: string,
  intent: string,
  settled: readonly Settled[],
  detail: string | undefined,
): Promise<void> {
  const { db } = tx;
  const now = context.clock.now();
  const all = settled.every(({ verified }) => verified);
  await closeIntent(db, intent, all ? 'verified' : 'failed', now, detail);
  for (const { step, verified } of settled) {
    if (verified) await storeStep(db, controller, step);
    await context.recorder.record(tx, eventOf(controller, intent, step, verified, detail));
  }
}

export async function closeIntent(
  db: Db,
  id: string,
  state: 'verified' | 'failed' | 'unknown',
  now: number,
  detail: string | undefined,
): Promise<void> {
  await db
    .updateTable('intents')
    .set({ state, settled_at: new Date(now).toISOString(), detail: detail ?? null })
    .where('id', '=', id)
    .execute();
}

async function storeStep(db: Db, controller: string, step: Step): Promise<void> {
  const role = 'role' in step ? { role_type: step.role.type, role_name: step.role.name } : undefined;
  switch (step.kind) {
    case 'grant':
      await entryAt(db, controller, entryKey(step.role, step.principal)).set({ verified: 1 }).execute();
      break;
    case 'revoke':
      await entryAt(db, controller, entryKey(step.role, step.principal)).set({ verified: 0, desired: 0 }).execute();
      break;
    case 'create-role':
      await db
        .insertInto('owned_roles')
        .values({ controller, ...role!, empty_since_ms: null })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      break;
    case 'delete-role':
      await db
        .deleteFrom('owned_roles')
        .where('controller', '=', controller)
        .where('role_type', '=', role!.role_type)
        .where('role_name', '=', role!.role_name)
        .execute();
      await db
        .updateTable('entries')
        .set({ verified: 0 })
        .where('controller', '=', controller)
        .where('role_type', '=', role!.role_type)
        .where('role_name', '=', role!.role_name)
        .execute();
      break;
    case 'update-role':
      break;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  grant: 'grant.added',
  revoke: 'grant.removed',
  'create-role': 'role.created',
  'update-role': 'role.changed',
  'delete-role': 'role.deleted',
};

/** One change of the strategy as evidence: what, by which rule, group and request; the id apart, erasable. */
function eventOf(
  controller: string,
  intent: string,
  step: Step,
  verified: boolean,
  detail: string | undefined,
): LedgerEvent {
  const request = step.reasons.find((reason) => reason.request !== undefined)?.request;
  const role = 'role' in step ? `${step.role.type}:${step.role.name}` : undefined;
  const kind = KINDS[step.kind] ?? `leaver.${step.kind}`;
  return {
    kind: verified ? kind : `${kind}.failed`,
    actor: 'sync',
    ...(request === undefined ? {} : { request }),
    subject: step.person === undefined ? { kind: 'controller', id: controller } : { kind: 'user', id: step.person },
    body: {
      controller,
      intent,
      cause: step.cause,
      reasons: step.reasons.map(({ via: _, ...reason }) => reason),
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
