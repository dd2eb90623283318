import type { Kysely } from 'kysely';
import type { Steps } from '../../access/breather.ts';
import { filteredInSteps, inSteps } from '../../access/inSteps.ts';
import type { Breathe } from '../../access/ports/store.ts';
import { foldId, type IdStrategy } from '../../access/principal.ts';
import type { CeilingConfig } from '../../config/schema.ts';
import { type Ceiling, limitOf } from '../../plan/guard/ceiling.ts';
import type { Claim, IdentityMap, Owed } from '../../plan/identities.ts';
import { isLeaverStep, type Step } from '../../plan/step.ts';
import type { DebtsTable, GuardEventsTable, HeldTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { activeByConnection, peopleAt } from './counted.ts';
import { renamedOf, renamedThere } from './guardEvents.ts';

type Db = Kysely<Tables>;

interface Found {
  readonly identities: Pick<IdentityMap, 'owed' | 'owners' | 'regained'>;
  /** As they are stored. */
  readonly claims: readonly Claim[];
  readonly debts: readonly DebtsTable[];
  /** By an edit of the mapping that an operator applies: what is given up by that was decided. */
  readonly applied: boolean;
}

/**
 * Ids that are given up now by who is called otherwise, or were and wait: of these a ceiling is on people. Not those that somebody else
 * has by now, who must not act with what was made there; nor what was let go before and is not done; nor a name that somebody had only
 * between two looks. Who has an id back that waited loses nothing: what they were called in between goes.
 */
export function* renamedSteps({ identities, claims, debts, applied }: Found): Steps<Owed[]> {
  const owed = yield* filteredInSteps(
    identities.owed,
    ({ cause, person, foldedId }) => cause === 'old-id' && !isAnothers(identities.owners.get(foldedId), person),
  );
  if (owed.length === 0) return [];
  const key = (person: string, foldedId: string): string => `${person} ${foldedId}`;
  const had = new Set<string>();
  if (!applied)
    yield* inSteps(claims, ({ state, person, foldedId }) => {
      if (state === 'current') had.add(key(person, foldedId));
    });
  const waits = new Set<string>();
  yield* inSteps(debts, ({ state, cause, person, folded_id }) => {
    if (state === 'held' && cause !== 'unentitled') waits.add(key(person, folded_id));
  });
  const back = new Set<string>();
  for (const { person, foldedId } of identities.regained) if (waits.has(key(person, foldedId))) back.add(person);
  return yield* filteredInSteps(owed, ({ person, foldedId }) => {
    const name = key(person, foldedId);
    return !back.has(person) && (had.has(name) || waits.has(name));
  });
}

function isAnothers(owner: Claim | undefined, person: string): boolean {
  return owner?.state === 'current' && owner.person !== person;
}

const CEILING: Ceiling = 'losses.renameUsers';

/**
 * Without what waits, or was decided, as a rename and is none any more: they left meanwhile, have the id back, or somebody else has it.
 * It is no word about what is owed there since.
 */
export function stillRenamed(
  held: readonly HeldTable[],
  renamed: readonly Pick<Owed, 'person' | 'foldedId'>[],
  ids: IdStrategy,
): readonly HeldTable[] {
  if (!held.some(({ ceiling }) => ceiling === CEILING)) return held;
  const names = new Set(renamed.map(({ person, foldedId }) => `${person} ${foldedId}`));
  return held.filter(({ ceiling, state, step: text }) => {
    if (ceiling !== CEILING || state === 'released') return true;
    const step = JSON.parse(text) as Step;
    return isLeaverStep(step) && names.has(`${step.person} ${foldId(step.principal.id, ids)}`);
  });
}

/** What a judgement has to know of people who were renamed within the window of losses. */
interface RenamedLately {
  /** Of these people, and as many of others as decide. */
  readonly events: readonly GuardEventsTable[];
  /** Of their connections: people who are active now, and those who were counted when the window began; see `peopleAt`. */
  readonly people: ReadonlyMap<string, number>;
  readonly counted: ReadonlyMap<string, number>;
}

interface Judged {
  readonly controller: string;
  readonly renamed: readonly Owed[];
  readonly windowStart: number;
  readonly ceiling: CeilingConfig;
}

export async function renamedLately(
  db: Db,
  { controller, renamed, windowStart, ceiling }: Judged,
  breathe: Breathe,
): Promise<RenamedLately> {
  if (renamed.length === 0) return { events: [], people: new Map(), counted: new Map() };
  const connections = new Set(renamed.map(({ connection }) => connection));
  const active = await activeByConnection(db);
  const counted = await peopleAt(db, connections, windowStart);
  const own = await renamedOf(db, controller, new Set(renamed.map(({ person }) => person)), windowStart, breathe);
  const events = new Map(own.map((row) => [row.id, row]));
  for (const connection of connections) {
    const most = limitOf(ceiling, counted.get(connection)?.members ?? active.get(connection) ?? 0);
    for (const row of await renamedThere(db, { controller, connection, since: windowStart, most }))
      events.set(row.id, row);
  }
  return {
    events: [...events.values()],
    people: new Map([...connections].map((connection) => [connection, active.get(connection) ?? 0])),
    counted: new Map([...counted].map(([connection, { members }]) => [connection, members])),
  };
}
