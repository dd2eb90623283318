import type { TokenUses } from '../../access/ports/controller.ts';
import type { Transaction } from '../../access/ports/store.ts';
import type { TokenUsesTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import type { SyncContext } from '../state/context.ts';
import { othersUses, type UsesByToken } from './othersUses.ts';
import { KEPT_MS } from './ownUses.ts';
import { usesRow } from './usesSeen.ts';

/** What one look adds to what is known of the uses that were not ours. */
type Others = Pick<TokenUsesTable, 'others' | 'others_tokens' | 'others_after' | 'others_before'>;

/** Twice as long as a process keeps what it counted ahead. */
const GONE_MS = 2 * KEPT_MS;

const NONE: Others = { others: 0, others_tokens: null, others_after: null, others_before: null };

interface Look {
  readonly name: string;
  readonly user: string;
  readonly seen: TokenUses;
  /** When everything was compared, this time, and by anybody before it. */
  readonly fullAt: number;
  readonly lastFullAt: number | null;
  /** Requests of ours that the controller had counted by then, at least. */
  readonly ended: number;
}

/** Stores one look, and what it found. @returns uses that were not ours since the last look */
export async function noteUses(
  { clock, recorder }: SyncContext,
  tx: Transaction<Tables>,
  { name, user, seen, fullAt, lastFullAt, ended }: Look,
): Promise<number> {
  const row = (await usesRow(tx.db, name))!;
  const at = new Date(clock.now()).toISOString();
  const now: UsesByToken = Object.fromEntries(seen.tokens.map(({ uuid, uses }) => [uuid, uses]));
  const compared =
    seen.counted && isComparable(row, user, lastFullAt)
      ? othersUses(JSON.parse(row.tokens!) as UsesByToken, now, row.begun - row.ended_then!)
      : undefined;
  const count = compared?.count ?? 0;
  const others = row.account === user ? stillThere(row, now) : NONE;
  const values = {
    ...{ account: user, full_ms: fullAt, counted: seen.counted ? 1 : 0, tokens: JSON.stringify(now) },
    ...(count === 0 ? others : added(others, compared!.tokens, count, row.looked_at!, at)),
    ...countsAfter(row, { at, ended, compared }, clock.now()),
  };
  await tx.db.updateTable('token_uses').set(values).where('controller', '=', name).execute();
  if (count > 0)
    await recorder.record(tx, {
      kind: 'controller.used-by-others',
      actor: 'sync',
      subject: { kind: 'controller', id: name },
      body: { account: user, uses: count, tokens: [...compared!.tokens], after: row.looked_at, before: at },
    });
  return count;
}

/** What was revoked is no finding any more, also before the next look. */
export async function tokensGone(
  tx: Pick<Transaction<Tables>, 'db'>,
  controller: string,
  gone: readonly string[],
): Promise<void> {
  const row = await usesRow(tx.db, controller);
  if (row === undefined || row.tokens === null) return;
  const left = Object.entries(JSON.parse(row.tokens) as UsesByToken).filter(([uuid]) => !gone.includes(uuid));
  const now: UsesByToken = Object.fromEntries(left);
  const values = { tokens: JSON.stringify(now), ...stillThere(row, now) };
  await tx.db.updateTable('token_uses').set(values).where('controller', '=', controller).execute();
}

/** Where somebody compared everything since and did not look at the uses, they may be of a version that does not count its own. */
function isComparable(
  { tokens, account, counted, full_ms }: TokenUsesTable,
  user: string,
  lastFullAt: number | null,
): boolean {
  return tokens !== null && counted === 1 && account === user && full_ms === lastFullAt;
}

interface Counts {
  readonly at: string;
  readonly ended: number;
  readonly compared: ReturnType<typeof othersUses>;
}

/**
 * What the next look counts from. What is begun and not ended was counted ahead by a process that is gone, where nothing moves for longer
 * than a living one keeps it.
 */
function countsAfter(row: TokenUsesTable, counts: Counts, now: number) {
  const { begun, ended, gap, gap_ms, epoch } = row;
  const { at, ended: until } = counts;
  const open = begun - ended;
  const since = open === gap ? (gap_ms ?? now) : now;
  if (open === 0 || now - since < GONE_MS) return { gap: open, gap_ms: since, ...toCompareWith(row, counts) };
  const own = { begun: ended - until, ended: ended - until };
  return { gap: 0, gap_ms: now, ended_then: 0, looked_at: at, epoch: epoch + 1, ...own };
}

/**
 * How many of the uses that the controller has counted were ours, at least, and since when (`looked_at`) nobody else's are known to be
 * among them. Where others of us were at work, less ended than an earlier look vouches for: that goes on counting, or what somebody else
 * did beside a command would stay hidden.
 */
function toCompareWith({ begun, ended_then, looked_at }: TokenUsesTable, { at, ended, compared }: Counts) {
  if (compared === undefined) return { ended_then: ended, looked_at: at };
  if (compared.count > 0) return { ended_then: begun, looked_at: at };
  const vouched = ended_then! + compared.used;
  return vouched > ended ? { ended_then: vouched, looked_at } : { ended_then: ended, looked_at: at };
}

/** Whoever has one of several tokens may be the one; when all that were used are gone, so is the matter. */
function stillThere(row: TokenUsesTable, now: UsesByToken): Others {
  const { others, others_tokens, others_after, others_before } = row;
  const left = (JSON.parse(others_tokens ?? '[]') as string[]).filter((uuid) => uuid in now);
  return left.length === 0 ? NONE : { others, others_tokens: JSON.stringify(left), others_after, others_before };
}

function added(known: Others, tokens: readonly string[], count: number, after: string, before: string): Others {
  const earlier = JSON.parse(known.others_tokens ?? '[]') as string[];
  return {
    others: known.others + count,
    others_tokens: JSON.stringify([...new Set([...earlier, ...tokens])]),
    others_after: known.others_after ?? after,
    others_before: before,
  };
}
