import type { Kysely } from 'kysely';
import { canonical } from '../../access/canonical.ts';
import type { Breathe } from '../../access/ports/store.ts';
import { foldId, type IdStrategy } from '../../access/principal.ts';
import type { Config, ControllerConfig, IdentityConfig } from '../../config/schema.ts';
import type { DirtyMark, FactsReader, Tombstone } from '../../directory/facts/facts.ts';
import type { Witness } from '../../ledger/witness.ts';
import type { Claim } from '../../plan/identities.ts';
import { mappedId } from '../../plan/identity.ts';
import type { Binding, Facts, GroupFact, PersonFact } from '../../policy/facts.ts';
import type {
  ClaimsTable,
  ControllersTable,
  DebtsTable,
  EntriesTable,
  GuardEventsTable,
  HeldTable,
  OwnedRolesTable,
} from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { guardEventsOf } from '../held/guardEvents.ts';
import { insideLast } from '../held/insideLast.ts';
import { reaches } from '../ids/reach.ts';
import { isOwing, owingAt } from '../leavers/owing.ts';
import { passedNames } from '../leavers/passedNames.ts';
import type { PolicyInForce } from '../policy/policyInForce.ts';
import { takenNames } from '../policy/takenNames.ts';
import type { Whom } from '../state/reading.ts';
import {
  allClaims,
  bindingsOf,
  claimsOf,
  controllerRow,
  debtsOf,
  entriesOf,
  expiredKeys,
  heldOf,
  holdersOf,
  orderedLeavers,
  ownedRolesOf,
  pausedConnections,
} from '../state/stored.ts';

/** Whom a pass is about: everybody, or the people behind these marks. */
export type Scope = 'all' | readonly Pick<DirtyMark, 'kind' | 'id'>[];

/** Everything stored that one pass over one controller needs, read in one snapshot. */
export interface Situation {
  readonly facts: Facts;
  readonly tombstones: readonly Tombstone[];
  /** People in scope, tombstones included; `all` where nothing limits it. */
  readonly whom: Whom;
  /** People of paused connections, as far as they are met: they keep what they have, but for an id that another one gets. */
  readonly except: ReadonlySet<string>;
  readonly claims: readonly ClaimsTable[];
  /** Ids that people had between two looks. */
  readonly passed: readonly Claim[];
  readonly entries: readonly EntriesTable[];
  readonly roles: readonly OwnedRolesTable[];
  readonly debts: readonly DebtsTable[];
  /** What is unpaid at ids of the claims, whoever owes it; `debts` has all of it where everybody is read. */
  readonly owing: readonly Pick<DebtsTable, 'person' | 'id' | 'state'>[];
  readonly held: readonly HeldTable[];
  readonly events: readonly GuardEventsTable[];
  readonly controller: ControllersTable | undefined;
  /** The identity mapping in force: an edit waits until an operator applies it (semantics §1). */
  readonly identity: IdentityConfig;
  /** The configured mapping is another one than the one that was applied last. */
  readonly identityEdited: boolean;
}

export interface Asked {
  readonly config: Config;
  readonly controller: ControllerConfig;
  readonly reader: FactsReader;
  readonly witness: Pick<Witness, 'lastMembers'>;
  readonly policy: Pick<PolicyInForce, 'counting' | 'namesExternalIds'>;
  readonly ids: IdStrategy;
  /** Milliseconds since the epoch by which `until` is judged. */
  readonly now: number;
  /** Which identity mapping counts: the one that was applied last, or the configured one, which an operator applies. */
  readonly identity: 'applied' | 'configured';
  /** Somebody who is read though their connection is paused: nothing follows from what is read, it is only shown. */
  readonly shown?: string;
}

interface Population {
  people: PersonFact[];
  groups: Map<string, GroupFact>;
  tombstones: Tombstone[];
}

/** A chain of renames is followed this far; a longer one settles over several passes. */
const RENAME_DEPTH = 4;

/** Reads the situation. People of a paused connection are no part of it; what they owe adds up until they are read again. */
export async function readSituation(
  db: Kysely<Tables>,
  asked: Asked,
  scope: Scope,
  breathe: Breathe,
): Promise<Situation> {
  const { config, controller, reader, now, ids } = asked;
  const row = await controllerRow(db, controller.name);
  const { identity, identityEdited } = identityInForce(row, controller.identity, asked.identity);
  const paused = await pausedConnections(db);
  const isRunning = ({ id, connection }: { readonly id: string; readonly connection: string }): boolean =>
    !paused.has(connection) || id === asked.shown;
  const ordered = await orderedLeavers(db);
  const running = (read: Population): Population => ({
    people: read.people
      .filter(isRunning)
      .map((person) => (ordered.has(person.id) ? { ...person, active: false } : person)),
    tombstones: read.tombstones.filter(isRunning),
    groups: read.groups,
  });
  const limited = scope !== 'all';
  const bindings = await bindingsOf(db);
  const primaryConnection = primaryOf(config);
  const nobody = { people: [], bindings, expired: new Set<string>(), now, primaryConnection };
  const counting = (groups: ReadonlyMap<string, GroupFact>) => asked.policy.counting({ ...nobody, groups });
  const found = limited ? await reader.some(db, scope, breathe) : await reader.everyone(db, breathe, counting);
  let population = running(found);
  const pausedId = ({ id, connection }: { readonly id: string; readonly connection: string }): string[] =>
    paused.has(connection) ? [id] : [];
  const owedBy = (whom: Whom): Promise<DebtsTable[]> => debtsOf(db, controller.name, whom, breathe);
  let debts = await owedBy(limited ? idsOf(population) : 'all');
  let claims = limited
    ? await claimsFor(db, asked, identity, population, debts, breathe)
    : await allClaims(db, controller.name, breathe);
  for (let depth = 0; limited && depth < RENAME_DEPTH; depth++) {
    const known = idsOf(population);
    const owners = [...new Set(claims.map(({ person }) => person))].filter((id) => !known.has(id));
    if (owners.length === 0) break;
    const more = running(
      await reader.some(
        db,
        owners.map((id) => ({ kind: 'user' as const, id })),
        breathe,
      ),
    );
    if (more.people.length + more.tombstones.length === 0) break;
    population = {
      people: [...population.people, ...more.people],
      tombstones: [...population.tombstones, ...more.tombstones],
      groups: new Map([...population.groups, ...more.groups]),
    };
    debts = await owedBy(idsOf(population));
    claims = await claimsFor(db, asked, identity, population, debts, breathe);
  }
  const known = idsOf(population);
  const whom: Whom = limited ? known : 'all';
  // Of a paused connection mostly: what they have at an id goes with it, if somebody who is read gets it.
  const unread = limited ? claims.filter(({ person }) => !known.has(person)) : [];
  const twins = asked.policy.namesExternalIds ? [...population.groups.values()] : [];
  // Whoever may not reach a controller gives no id up there: it never was theirs.
  const reached = reaches(config, controller.name);
  const named = [...population.people, ...population.tombstones].filter(({ connection }) => reached(connection));
  return {
    facts: {
      people: population.people,
      groups: limited ? new Map([...(await takenNames(db, bindings, twins)), ...population.groups]) : population.groups,
      bindings,
      holders: await frozenBy(db, bindings, asked.witness, breathe),
      expired: await expiredKeys(db),
      now,
      primaryConnection,
    },
    tombstones: population.tombstones,
    whom,
    except: new Set(
      limited ? unread.map(({ person }) => person) : [...found.people, ...found.tombstones].flatMap(pausedId),
    ),
    claims,
    passed: await passedNames(db, { controller: controller.name, whom, people: named, claims, identity, ids }, breathe),
    entries: await entriesOf(
      db,
      controller.name,
      whom,
      unread.map(({ id }) => id),
      breathe,
    ),
    roles: await ownedRolesOf(db, controller.name),
    debts,
    owing: limited
      ? await owingAt(db, controller.name, [...new Set(claims.map(({ folded_id }) => folded_id))], breathe)
      : debts.filter(isOwing),
    held: await heldOf(db, controller.name, whom, breathe),
    events: await guardEventsOf(
      db,
      {
        controller: controller.name,
        whom,
        losses: now - config.guard.losses.window,
        gains: now - config.guard.gains.window,
      },
      breathe,
    ),
    controller: row,
    identity,
    identityEdited,
  };
}

/** By group that is gone, the people whom its deletion freezes: who hold something by it, and were in it to the last. */
async function frozenBy(
  db: Kysely<Tables>,
  bindings: readonly Binding[],
  witness: Asked['witness'],
  breathe: Breathe,
): Promise<Map<string, ReadonlySet<string>>> {
  const frozen = new Map<string, ReadonlySet<string>>();
  for (const [group, people] of await holdersOf(db, bindings, breathe))
    frozen.set(group, await insideLast(db, witness, group, people, breathe));
  return frozen;
}

/** Claims of these people, on what they ask for, and on ids where they owe: these may be somebody else's by now. */
async function claimsFor(
  db: Kysely<Tables>,
  { controller, ids }: Asked,
  identity: IdentityConfig,
  population: Population,
  debts: readonly DebtsTable[],
  breathe: Breathe,
): Promise<ClaimsTable[]> {
  const wanted = [...population.people, ...population.tombstones].flatMap((person) => mappedId(person, identity) ?? []);
  const folded = new Set([...wanted, ...debts.map(({ id }) => id)].map((id) => foldId(id, ids)));
  return claimsOf(db, controller.name, idsOf(population), [...folded], breathe);
}

function idsOf({ people, tombstones }: Population): Set<string> {
  return new Set([...people.map(({ id }) => id), ...tombstones.map(({ id }) => id)]);
}

/** The first mapping is in force at once; an edit of it waits for an operator. */
export function identityInForce(
  row: ControllersTable | undefined,
  configured: IdentityConfig,
  which: Asked['identity'],
): { identity: IdentityConfig; identityEdited: boolean } {
  const stored = row?.identity === null || row === undefined ? undefined : (JSON.parse(row.identity) as IdentityConfig);
  if (stored === undefined) return { identity: configured, identityEdited: false };
  const identityEdited = canonical(stored) !== canonical(configured);
  return { identity: which === 'configured' ? configured : stored, identityEdited };
}

/** The connection that rules read without `from:`; empty where none is configured. */
export function primaryOf(config: Config): string {
  return config.connections.find(({ primary }) => primary)?.name ?? '';
}
