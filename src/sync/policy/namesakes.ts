import { type Kysely, sql } from 'kysely';
import type { LedgerEvent } from '../../access/ports/recorder.ts';
import type { Witness } from '../../ledger/witness.ts';
import { namedIn } from '../../policy/named.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import type { Assessment } from '../pass/assessment.ts';
import type { SyncContext } from '../state/context.ts';

/** Somebody whose name a rule for one person has, and who is not whom it was first about. */
interface Namesake {
  readonly rule: string;
  readonly connection: string;
  readonly userName: string;
  /** SCIM ids. */
  readonly person: string;
  readonly first: string;
}

/** Rules whose one name is another person's now: they give that one nothing. */
export async function namesakesOf(db: Kysely<Tables>): Promise<Namesake[]> {
  const rows = await db
    .selectFrom('bindings')
    .select(['connection', 'name_key', 'group_id'])
    .orderBy('connection')
    .orderBy('name_key')
    .execute();
  const named = rows.flatMap((row) => {
    const found = namedIn(row.name_key);
    return found === undefined ? [] : [{ ...found, connection: row.connection, first: row.group_id }];
  });
  if (named.length === 0) return [];
  const people = await db
    .selectFrom('users')
    .select(['id', 'connection', 'user_name', 'user_name_key'])
    .where('connection', 'in', [...new Set(named.map(({ connection }) => connection))])
    .where(sql<boolean>`${among(sql.ref('user_name_key'), textRows(named.map(({ nameKey }) => nameKey)))}`)
    .execute();
  const now = new Map(people.map((row) => [`${row.connection}\u0000${row.user_name_key}`, row]));
  return named.flatMap(({ rule, nameKey, connection, first }) => {
    const person = now.get(`${connection}\u0000${nameKey}`);
    if (person === undefined || person.id === first) return [];
    return [{ rule, connection, userName: person.user_name, person: person.id, first }];
  });
}

const KIND = 'policy.namesakes';
const SUBJECT = { kind: 'policy', id: 'namesakes' } as const;

/** As the ledger tells it: ids, no names. */
type Told = Omit<Namesake, 'userName'>;

/** Whether a pass can tell that something changed: it looked at everybody, or met a namesake. Pure. */
export function meetsNamesakes({ situation, evaluation }: Pick<Assessment, 'situation' | 'evaluation'>): boolean {
  return situation.whom === 'all' || evaluation.findings.some(({ code }) => code === 'policy.namesake');
}

/**
 * Records once that a namesake appeared, and once that there is none any more, whichever controller's pass meets it first. The last
 * record is what is known, so that nothing else has to be kept.
 */
export async function noteNamesakes({
  store,
  recorder,
  witness,
}: Pick<SyncContext, 'store' | 'recorder' | 'witness'>): Promise<void> {
  if ((await store.read((db) => changeIn(db, witness))) === undefined) return;
  await store.write(async (tx) => {
    // Another process may have told it since it was looked for.
    const event = await changeIn(tx.db, witness);
    if (event !== undefined) await recorder.record(tx, event);
  });
}

async function changeIn(db: Kysely<Tables>, witness: Witness): Promise<LedgerEvent | undefined> {
  const now = (await namesakesOf(db)).map(({ userName: _, ...told }) => told);
  const last = await witness.last(db, SUBJECT, KIND);
  const before = last === undefined ? [] : (last.body as { readonly now: readonly Told[] }).now;
  const began = without(now, before);
  const ended = without(before, now);
  if (began.length + ended.length === 0) return undefined;
  return { kind: KIND, actor: 'sync', subject: SUBJECT, body: { began, ended, now } };
}

function without(some: readonly Told[], others: readonly Told[]): Told[] {
  const key = ({ rule, connection, person, first }: Told): string => [rule, connection, person, first].join('\u0000');
  const known = new Set(others.map(key));
  return some.filter((one) => !known.has(key(one)));
}
