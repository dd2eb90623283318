import type { Kysely } from 'kysely';
import type { LeaverStepKind } from '../../access/ports/controller.ts';
import type { Config } from '../../config/schema.ts';
import { type Departure, isSame } from '../../ledger/departures.ts';
import type { DebtsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { heldLeaver } from '../held/heldLeaver.ts';
import { isBehind, returns } from './cameBack.ts';
import { goneSince } from './goneSince.ts';
import { residualOf } from './laterLook.ts';
import { type Leaving, othersIds, unseenBy } from './unseen.ts';

/** A step of a certificate as stored: when it was done there, and whether a later read proved it. */
export interface CertifiedStep {
  readonly kind: LeaverStepKind;
  /** RFC 3339 instant by the controller's clock. */
  readonly at: string;
  readonly verified: boolean;
}

/** The same as it is stored: with what stood there then, as `PersonState.marks` tells it, where that is to stay so. */
export interface StoredStep extends CertifiedStep {
  readonly mark?: string;
}

/** The deprovision certificate of one person (interfaces.md). */
export interface LeaverCertificate {
  readonly user: string;
  readonly state: 'active' | 'leaver' | 'deleted';
  readonly receivedAt: string | null;
  readonly controllers: readonly {
    readonly name: string;
    /** The Jenkins id that it is about, where that is one they gave up. */
    readonly formerId?: string;
    readonly steps: readonly CertifiedStep[];
    readonly missing: readonly string[];
    readonly residual: readonly string[];
    readonly doneAt: string | null;
    readonly elapsedMs: number | null;
  }[];
  readonly complete: boolean;
}

/** What a debt says that an operator let go of with its controller. */
export const LET_GO = 'an operator let go of this controller: nothing is proven there';

/** Reads what the ledger proves of somebody's departures. */
export type Proven = (db: Kysely<Tables>, person: string) => Promise<readonly Departure[]>;

/**
 * Builds the certificate from what is stored. It is complete when the person has left, every controller has looked at that,
 * every one that owes something is done, by records that verify, no step was missing, and nowhere the id is protected. A controller that has not looked, or
 * must not act, or that an operator let go of, is listed with the reason; so is one where the id is another person's, of whom nothing is cut.
 */
export async function certificateOf(
  db: Kysely<Tables>,
  person: Leaving & { readonly state: LeaverCertificate['state'] },
  config: Config,
  proven: Proven,
): Promise<LeaverCertificate> {
  const left = person.state !== 'active';
  const stored = await db
    .selectFrom('debts')
    .selectAll()
    .where('person', '=', person.id)
    .where(({ eb, or }) => or([eb('state', '!=', 'cancelled'), eb('error', '=', LET_GO)]))
    .where('cause', 'in', left ? ['leaver', 'old-id'] : ['old-id', 'unentitled'])
    .orderBy('controller')
    .orderBy('received_at')
    .execute();
  const unseen = left ? await unseenBy(db, config, person) : new Map<string, string>();
  const others = left ? await othersIds(db, config, person) : new Map<string, string>();
  for (const name of unseen.keys()) others.delete(name);
  // Where nobody has looked since, what was cut before they came back last says nothing of this departure.
  const back = new Map((await returns(db, [person.id])).map(({ subject, at }) => [subject, at]));
  const rows = stored.filter((row) => !unseen.has(row.controller) || !isBehind(row, back));
  const departures = left ? await proven(db, person.id) : [];
  const doubts = left ? doubtsOf(rows, departures) : [];
  const residuals: (readonly string[])[] = [];
  for (const row of rows) {
    const held = left || row.cause === 'old-id' ? await heldLeaver(db, row) : undefined;
    residuals.push([...(held === undefined ? [] : [held]), ...(await residualOf(db, row))]);
  }
  const begun = new Set(rows.flatMap(({ controller, cause }) => (cause === 'old-id' ? [] : [controller])));
  const controllers = [
    ...rows.map((row, at) => certified(row, residuals[at]!, unseen.get(row.controller) ?? doubts[at])),
    ...[...others, ...unseen].filter(([name]) => !begun.has(name)).map(untouched),
  ];
  // An id that was given up before says nothing of when somebody left.
  const [owed] = rows.flatMap((row) => (left && row.cause === 'old-id' ? [] : [row.received_at])).sort();
  const received = owed ?? (left ? (await goneSince(db, [person.id])).get(person.id) : undefined) ?? null;
  const done = rows.every(({ state, missing }) => state === 'done' && JSON.parse(missing).length === 0);
  return {
    user: person.userName,
    state: person.state,
    receivedAt: received,
    controllers,
    complete: left && done && unseen.size === 0 && doubts.every((doubt) => doubt === undefined),
  };
}

/**
 * What is stored as done and has no record that verifies, by row: a row that somebody edited proves nothing. Each record counts for
 * one row.
 */
function doubtsOf(rows: readonly DebtsTable[], departures: readonly Departure[]): (string | undefined)[] {
  const left = [...departures];
  return rows.map(({ state, cause, controller, received_at, missing }) => {
    if (state !== 'done' || cause === 'unentitled') return undefined;
    const row = { controller, cause, receivedAt: received_at };
    const at = left.findIndex((one) => isSame(one, row) && JSON.stringify(one.missing) === missing);
    if (at < 0) return 'not proven: the ledger has no record that verifies of what is stored here';
    left.splice(at, 1);
    return undefined;
  });
}

function untouched([name, reason]: readonly [string, string]): LeaverCertificate['controllers'][number] {
  return { name, steps: [], missing: [], residual: [reason], doneAt: null, elapsedMs: null };
}

function certified(
  row: DebtsTable,
  residual: readonly string[],
  doubt: string | undefined,
): LeaverCertificate['controllers'][number] {
  const stored = JSON.parse(row.steps) as StoredStep[];
  const steps = stored.map(({ kind, at, verified }) => ({ kind, at, verified }));
  const elapsedMs = row.done_at === null ? null : Date.parse(row.done_at) - Date.parse(row.received_at);
  return {
    name: row.controller,
    ...(row.cause === 'old-id' ? { formerId: row.id } : {}),
    steps,
    missing: JSON.parse(row.missing) as string[],
    residual: [
      ...(doubt === undefined ? [] : [doubt]),
      ...residual,
      ...(row.error === null ? [] : [row.state === 'cancelled' ? row.error : `last error: ${row.error}`]),
    ],
    doneAt: row.done_at,
    elapsedMs,
  };
}
