import type { Clock } from '../access/ports/clock.ts';
import type { Random } from '../access/ports/random.ts';
import type { LedgerEvent, Recorder } from '../access/ports/recorder.ts';
import { preparedBlind } from '../store/prepared.ts';
import type { Tx } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';
import type { Caller } from './directory.ts';
import { mark, type Touched } from './dirtyMarks.ts';
import type { DailyWrites } from './quotas/dailyWrites.ts';
import type { Quotas } from './quotas/quotas.ts';
import type { UniquePaths } from './unique/uniquePaths.ts';

/** What the writes of the directory need beside the transaction. */
export interface DirectoryParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder<Tx>;
  /** Tells the reconciler that there is something to do; runs after the commit. */
  readonly wake: () => void;
  /** By connection. */
  readonly quotas: (connection: string) => Quotas;
  readonly daily: DailyWrites;
  readonly unique: UniquePaths;
  /** Asked before what may wait is stored; whether it also takes access away. @throws ScimError STORE_RESERVE */
  readonly requireRoom?: (takesAwayToo: boolean) => void;
}

/** What a real change leaves behind it, in its own transaction. */
interface Trace {
  readonly at: string;
  readonly subject: { readonly kind: 'user' | 'group'; readonly id: string };
  /** Kinds without `scim.`, with counts and names of attributes; never a value of a person. */
  readonly journal: { readonly kind: string; readonly detail: Readonly<Record<string, unknown>> };
  readonly touched: Touched;
  readonly events: Iterable<Pick<LedgerEvent, 'kind' | 'body' | 'personal'>>;
}

/** Records of a thousand ids that are sealed in one turn. */
const RECORDS_A_TURN = 8;

const journalRow = preparedBlind<Omit<Tables['journal'], 'seq'>>((value, db) =>
  db.insertInto('journal').values({
    at: value('at'),
    connection: value('connection'),
    request: value('request'),
    credential: value('credential'),
    kind: value('kind'),
    subject: value('subject'),
    detail: value('detail'),
  }),
);

/** Journal row, dirty marks and ledger records; the reconciler is woken after the commit. */
export async function leaveTrace(parts: DirectoryParts, tx: Tx, caller: Caller, trace: Trace): Promise<void> {
  const { connection, credential, request } = caller;
  const { at, subject, journal, touched, events } = trace;
  await journalRow(tx.db, {
    at,
    connection,
    request,
    credential,
    kind: journal.kind,
    subject: subject.id,
    detail: JSON.stringify(journal.detail),
  });
  await mark(tx, touched, at, request);
  let recorded = 0;
  for (const event of events) {
    if (recorded > 0 && recorded % RECORDS_A_TURN === 0) await tx.breathe();
    const body = { connection, ...event.body };
    await parts.recorder.record(tx, { ...event, body, request, actor: credential, subject });
    recorded += 1;
  }
  tx.afterCommit(() => parts.daily.add(connection));
  tx.afterCommit(parts.wake);
}

/**
 * Before a change that gives somebody something, and maybe takes something away, too; what only takes away passes unasked.
 * @throws ScimError SCIM_DAILY, STORE_RESERVE
 */
export function requireLeave(parts: DirectoryParts, { connection }: Caller, at: string, takesAwayToo = false): void {
  parts.daily.require(connection, parts.quotas(connection).writesPerDay, at);
  parts.requireRoom?.(takesAwayToo);
}
