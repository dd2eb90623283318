import type { Kysely } from 'kysely';
import type { GuardConfig } from '../../config/schema.ts';
import { limitOf } from '../../plan/guard/ceiling.ts';
import type { GuardEvent } from '../../plan/guard/event.ts';
import { isWhole } from '../../plan/guard/leaverCeiling.ts';
import type { Tables } from '../../store/tables.ts';
import type { Assessment } from '../pass/assessment.ts';
import { FleetMoved } from './fleetGains.ts';
import { noMoreLeft } from './leftLately.ts';

const LEFT = 'disabled';

/** Whether it says that somebody was let go: that counts on whichever controller. */
export function isLeaver({ kind, state }: Pick<GuardEvent, 'kind' | 'state'>): boolean {
  return kind === LEFT && state === 'applied';
}

/**
 * Whom a verdict lets go is counted once more where nobody else can count meanwhile, as administrators are (`requireFleet`): another
 * controller let others of the connection go since, and together they are too many. As much is looked at as the verdict did
 * (`leftLately`); nothing where nobody leaves.
 * @throws FleetMoved
 */
export async function requireLeavers(
  db: Kysely<Tables>,
  { verdict, left, time }: Pick<Assessment, 'verdict' | 'left' | 'time'>,
  losses: GuardConfig['losses'],
): Promise<void> {
  const own = verdict.events.filter(isLeaver);
  const since = time.now - losses.window;
  for (const [connection, events] of Map.groupBy(own, (event) => event.connection ?? '')) {
    const people = left.people.get(connection) ?? 0;
    const most = limitOf(losses.disableUsers, left.counted.get(connection) ?? people);
    const known = left.events.filter((row) => (row.connection ?? '') === connection);
    const counted = new Set([...events, ...known].map(({ key }) => key));
    if (!left.all) {
      if (await noMoreLeft(db, most - counted.size + left.events.length, since)) continue;
    } else {
      const gone = await goneOf(db, connection, since);
      const all = gone.union(counted).size;
      if (gone.isSubsetOf(counted) || (all <= most && !isWhole(people, all))) continue;
    }
    throw new FleetMoved('other controllers let people go meanwhile');
  }
}

/** Who left a connection since then. */
async function goneOf(db: Kysely<Tables>, connection: string, since: number): Promise<Set<string>> {
  const rows = await db
    .selectFrom('guard_events')
    .select('key')
    .distinct()
    .where('kind', '=', LEFT)
    .where('at_ms', '>', since)
    .where('state', '=', 'applied')
    .where('connection', '=', connection)
    .execute();
  return new Set(rows.map(({ key }) => key));
}
