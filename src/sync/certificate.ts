import type { Kysely } from 'kysely';
import type { LeaverStepKind } from '../access/ports/controller.ts';
import type { DebtsTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';

/** A step of a certificate as stored: when it was done there, and whether a later read proved it. */
export interface CertifiedStep {
  readonly kind: LeaverStepKind;
  /** RFC 3339 instant by the controller's clock. */
  readonly at: string;
  readonly verified: boolean;
}

/** The deprovision certificate of one person (interfaces.md). */
export interface LeaverCertificate {
  readonly user: string;
  readonly state: 'active' | 'leaver' | 'deleted';
  readonly receivedAt: string | null;
  readonly controllers: readonly {
    readonly name: string;
    readonly steps: readonly CertifiedStep[];
    readonly missing: readonly string[];
    readonly residual: readonly string[];
    readonly doneAt: string | null;
    readonly elapsedMs: number | null;
  }[];
  readonly complete: boolean;
}

/**
 * Builds the certificate from what is stored. It is complete when the person has left, every controller has looked at that,
 * every one that owes something is done, and no step was missing. A controller that has not looked yet is listed without steps.
 */
export async function certificateOf(
  db: Kysely<Tables>,
  person: { readonly id: string; readonly userName: string; readonly state: LeaverCertificate['state'] },
  names: readonly string[],
): Promise<LeaverCertificate> {
  const rows = await db
    .selectFrom('debts')
    .selectAll()
    .where('person', '=', person.id)
    .where('state', '!=', 'cancelled')
    .where('cause', 'in', person.state === 'active' ? ['old-id', 'unentitled'] : ['leaver', 'old-id'])
    .orderBy('controller')
    .orderBy('received_at')
    .execute();
  const waiting = await notLooked(db, person.id, names);
  const begun = new Set(rows.map((row) => row.controller));
  const controllers = [...rows.map(certified), ...waiting.filter((name) => !begun.has(name)).map(untouched)];
  const received = rows.map((row) => row.received_at).sort()[0] ?? null;
  const done = rows.every((row) => row.state === 'done' && JSON.parse(row.missing).length === 0);
  return {
    user: person.userName,
    state: person.state,
    receivedAt: received,
    controllers,
    complete: person.state !== 'active' && done && waiting.length === 0,
  };
}

/** Controllers that have not looked at the person since the last change. */
async function notLooked(db: Kysely<Tables>, person: string, names: readonly string[]): Promise<string[]> {
  const dirty = await db
    .selectFrom('dirty')
    .select('id')
    .where('kind', '=', 'user')
    .where('id', '=', person)
    .executeTakeFirst();
  if (dirty !== undefined) return [...names];
  const pending = await db
    .selectFrom('pending')
    .select('controller')
    .where('kind', '=', 'user')
    .where('id', '=', person)
    .execute();
  return pending.map(({ controller }) => controller).filter((name) => names.includes(name));
}

function untouched(name: string): LeaverCertificate['controllers'][number] {
  return { name, steps: [], missing: [], residual: ['not looked at yet'], doneAt: null, elapsedMs: null };
}

function certified(row: DebtsTable): LeaverCertificate['controllers'][number] {
  const steps = JSON.parse(row.steps) as CertifiedStep[];
  const elapsedMs = row.done_at === null ? null : Date.parse(row.done_at) - Date.parse(row.received_at);
  return {
    name: row.controller,
    steps,
    missing: JSON.parse(row.missing) as string[],
    residual: [...(JSON.parse(row.residual) as string[]), ...(row.error === null ? [] : [`last error: ${row.error}`])],
    doneAt: row.done_at,
    elapsedMs,
  };
}
