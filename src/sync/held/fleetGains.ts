import type { Kysely } from 'kysely';
import type { GuardEvent } from '../../plan/guard/event.ts';
import { fleetKey } from '../../plan/guard/history.ts';
import type { GuardEventsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import type { Assessment } from '../pass/assessment.ts';

/** Controllers are worked on at once: another one made administrators since this verdict, and together they are too many. */
export class FleetMoved extends Error {}

const GAINED = 'administrator-gained';

/** Whether it counts over the whole fleet. */
export function isFleetGain({ kind }: Pick<GuardEvent, 'kind'>): boolean {
  return kind === GAINED;
}

/**
 * What a verdict makes administrators of is counted once more where nobody else can count meanwhile: in the transaction that stores it,
 * for writes are serial. Costs nothing where it makes none.
 * @param gains the rolling window, in milliseconds, and the most in it
 * @throws FleetMoved
 */
export async function requireFleet(
  db: Kysely<Tables>,
  { verdict, situation, time }: Pick<Assessment, 'verdict' | 'situation' | 'time'>,
  gains: { readonly window: number; readonly administrators: { readonly count: number } },
): Promise<void> {
  const own = verdict.events.filter((event) => isFleetGain(event) && event.state === 'applied');
  if (own.length === 0) return;
  const stored = await db
    .selectFrom('guard_events')
    .select(['controller', 'kind', 'key', 'person'])
    .where('kind', '=', GAINED)
    .where('at_ms', '>', time.now - gains.window)
    .execute();
  const known = new Set([...own.map(ofEvent), ...situation.events.filter(isGain).map(ofRow)]);
  const now = new Set(stored.map(ofRow));
  if (now.isSubsetOf(known) || now.union(new Set(own.map(ofEvent))).size <= gains.administrators.count) return;
  throw new FleetMoved('other controllers got administrators meanwhile');
}

const isGain = ({ kind }: Pick<GuardEventsTable, 'kind'>): boolean => kind === GAINED;

function ofEvent({ controller, key, person }: GuardEvent): string {
  return fleetKey(controller, key, person);
}

function ofRow({ controller, key, person }: Pick<GuardEventsTable, 'controller' | 'key' | 'person'>): string {
  return fleetKey(controller, key, person ?? undefined);
}
