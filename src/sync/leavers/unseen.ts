import type { Kysely } from 'kysely';
import { foldId } from '../../access/principal.ts';
import type { Config, ControllerConfig } from '../../config/schema.ts';
import type { DirectoryPerson } from '../../plan/identities.ts';
import { mappedId } from '../../plan/identity.ts';
import { protection } from '../../plan/protection.ts';
import type { ControllersTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { reaches } from '../ids/reach.ts';
import { identityInForce } from '../pass/situation.ts';
import { capabilitiesOf } from '../state/learnt.ts';
import { controllerRow, pausedConnections } from '../state/stored.ts';
import { unconfiguredControllers } from './unconfiguredControllers.ts';

type Db = Kysely<Tables>;

/** Somebody who left, as far as it matters what they may be called on a controller. */
export type Leaving = Omit<DirectoryPerson, 'active'>;

/**
 * Controllers of which nothing can be said about somebody who left, each with the reason: one that has not looked since, was never
 * read whole, is paused, not configured any more, or protects the id. What is stored of such a controller proves nothing, whatever it says.
 */
export async function unseenBy(db: Db, config: Config, person: Leaving): Promise<ReadonlyMap<string, string>> {
  const paused = (await pausedConnections(db)).has(person.connection);
  const rows = new Map((await db.selectFrom('controllers').selectAll().execute()).map((row) => [row.name, row]));
  const waiting = await waitingFor(db, person.id);
  const claimed = await stillClaimed(db, person.id);
  const { owing, open } = await lookedAt(db, person.id);
  const found = new Map<string, string>();
  for (const name of await unconfiguredControllers(db, config))
    if (claimed.has(name)) found.set(name, 'it is not configured any more: nothing is proven there');
  for (const controller of config.controllers) {
    const { name } = controller;
    const row = rows.get(name);
    const concerned = reaches(config, name)(person.connection) && !owing.has(name);
    const id = open.has(name) || concerned ? protectedId(controller, row, person) : undefined;
    const behind =
      waiting === 'everywhere' || waiting.has(name) || claimed.has(name) || (row?.full_ms ?? null) === null;
    if (id !== undefined) found.set(name, `${id} is protected there: nothing is taken away`);
    else if (behind || (paused && concerned)) found.set(name, reasonOf(row, paused ? person.connection : undefined));
  }
  return found;
}

/** Controllers on which another person, who has not left, has the id that somebody who left would have; they keep it. */
export async function othersIds(db: Db, config: Config, person: Leaving): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const controller of config.controllers) {
    if (!reaches(config, controller.name)(person.connection)) continue;
    const row = await controllerRow(db, controller.name);
    const id = mappedId(person, identityInForce(row, controller.identity, 'applied').identity);
    if (id === undefined) continue;
    const { userIds } = capabilitiesOf(row?.capabilities ?? null);
    const claim = await db
      .selectFrom('claims')
      .select('person')
      .where('controller', '=', controller.name)
      .where('folded_id', '=', foldId(id, userIds))
      .where('state', '=', 'current')
      .where('person', '!=', person.id)
      .executeTakeFirst();
    if (claim === undefined) continue;
    found.set(controller.name, `${id} is the id of another person there (${claim.person}), who keeps it`);
  }
  return found;
}

/** What somebody is called there, where that neither gains nor loses. */
function protectedId(
  controller: ControllerConfig,
  row: ControllersTable | undefined,
  person: Leaving,
): string | undefined {
  const { identity } = identityInForce(row, controller.identity, 'applied');
  const id = mappedId(person, identity);
  const guarded = protection(controller, capabilitiesOf(row?.capabilities ?? null));
  return id !== undefined && guarded.user(id) ? id : undefined;
}

function reasonOf(row: ControllersTable | undefined, connection: string | undefined): string {
  if (connection !== undefined) return `not looked at: the connection ${connection} is paused`;
  if (row?.on_hold === 1) return 'not looked at: the controller is on hold since a restore';
  return row?.paused === 1 ? 'not looked at: the controller is paused' : 'not looked at yet';
}

/** Controllers that still have the last change before them. */
async function waitingFor(db: Db, person: string): Promise<'everywhere' | ReadonlySet<string>> {
  const dirty = await db
    .selectFrom('dirty')
    .select('id')
    .where('kind', '=', 'user')
    .where('id', '=', person)
    .executeTakeFirst();
  if (dirty !== undefined) return 'everywhere';
  const pending = await db
    .selectFrom('pending')
    .select('controller')
    .where('kind', '=', 'user')
    .where('id', '=', person)
    .execute();
  return new Set(pending.map(({ controller }) => controller));
}

/** Where an id is still somebody's as if they had not left: what was paid there was paid for an earlier time. */
async function stillClaimed(db: Db, person: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('claims')
    .select('controller')
    .where('person', '=', person)
    .where('state', '=', 'current')
    .execute();
  return new Set(rows.map(({ controller }) => controller));
}

/** Where the departure is on record, and where something of it is open. */
async function lookedAt(
  db: Db,
  person: string,
): Promise<{ readonly owing: ReadonlySet<string>; readonly open: ReadonlySet<string> }> {
  const rows = await db
    .selectFrom('debts')
    .select(['controller', 'state'])
    .where('person', '=', person)
    .where('cause', '=', 'leaver')
    .where('state', '!=', 'cancelled')
    .execute();
  return {
    owing: new Set(rows.map(({ controller }) => controller)),
    open: new Set(rows.flatMap(({ controller, state }) => (state === 'done' ? [] : [controller]))),
  };
}
