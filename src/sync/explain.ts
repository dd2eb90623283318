import type { Capabilities, PermissionInfo } from '../access/ports/controller.ts';
import { foldId, type IdStrategy } from '../access/principal.ts';
import type { Reason } from '../access/reason.ts';
import { type RoleKey, roleKey } from '../access/role.ts';
import type { ControllerConfig } from '../config/schema.ts';
import { mapIdentities } from '../plan/identity.ts';
import { scopeText } from '../plan/print/scope.ts';
import { type Protection, protection } from '../plan/protection.ts';
import type { DesiredRole, Evaluation } from '../policy/evaluation.ts';
import { missingByRule } from '../policy/whyNot.ts';
import type { DebtsTable, EntriesTable } from '../store/tables/sync.ts';
import { gives, matchesItem, titleOf } from './explained/asked.ts';
import { heldIds, heldLosses, heldOf, withHeldBeside } from './explained/holding.ts';
import { noIdText } from './ids/noId.ts';
import { reaches } from './ids/reach.ts';
import { isReleased, isUnpaid } from './leavers/unpaid.ts';
import { primaryOf, readSituation, type Situation } from './pass/situation.ts';
import type { SyncContext } from './state/context.ts';
import { capabilitiesOf } from './state/learnt.ts';
import { claimOf, principalOf, roleOf } from './state/rows.ts';
import { pausedConnections } from './state/stored.ts';
import { foldedEntryKey } from './state/storedEntries.ts';

/** Why somebody has what on one controller, and why not the rest (interfaces.md). */
export interface ControllerExplanation {
  readonly name: string;
  readonly jenkinsId: string | null;
  readonly active: boolean;
  /** Ids from before they were called otherwise that are not cut off yet, where something holds that. */
  readonly formerIds?: readonly { readonly id: string; readonly held: string }[];
  readonly grants: readonly {
    readonly role: string;
    readonly scope: string;
    readonly permissions: readonly string[];
    readonly effective: boolean;
    /** It has ended and still stands there: the controller could not be asked since, or the clock is not trusted. */
    readonly overdue?: true;
    /** The service has not made the role: one that hands made is in the way of it, until `adopt`, or the controller was not asked since. */
    readonly unmade?: true;
    /**
     * No rule gives it any more and it still stands there: the ceiling that holds the loss, `by-hand` where hands gave it, so that hands
     * have to take it (semantics §3), or `pending`.
     */
    readonly loss?: string;
    /** A rule gives it and it is not there: the ceiling, mode or other thing that holds it. */
    readonly held?: string;
    /** The role stands otherwise than the policy has it: what holds its change. */
    readonly redefinition?: string;
    readonly reasons: readonly Reason[];
  }[];
  readonly whyNot: readonly { readonly rule: string; readonly missing: string }[];
}

export interface ExplainFilter {
  /** Title or id of a permission. */
  readonly permission?: string;
  /** Full name of an item. */
  readonly item?: string;
}

/** Explains from what is stored; the controller is not asked, so that it answers while the controller is down. */
export async function explain(
  context: SyncContext,
  controller: ControllerConfig,
  person: string,
  filter: ExplainFilter,
): Promise<ControllerExplanation> {
  const { store, facts: reader, witness, config, clock } = context;
  const policy = await context.policy.current();
  return store.read(async (db, breathe) => {
    const row = await db
      .selectFrom('controllers')
      .select(['capabilities', 'paused', 'on_hold'])
      .where('name', '=', controller.name)
      .executeTakeFirst();
    const capabilities = capabilitiesOf(row?.capabilities ?? null);
    const ids = capabilities.userIds;
    const shown = { identity: 'applied' as const, shown: person };
    const asked = { config, controller, reader, witness, policy, ids, now: clock.now(), ...shown };
    const situation = await withHeldBeside(
      db,
      controller.name,
      await readSituation(db, asked, [{ kind: 'user', id: person }], breathe),
      breathe,
    );
    const target = {
      name: controller.name,
      labels: controller.labels,
      ...(capabilities.permissions.length === 0 ? {} : { catalogue: capabilities.permissions }),
    };
    const evaluation = policy.evaluate(situation.facts, target);
    const guarded = protection(controller, capabilities);
    const owner = ({ person, id }: Pick<DebtsTable, 'person' | 'id'>) => ({ person, foldedId: foldId(id, ids) });
    const identities = mapIdentities({
      people: situation.facts.people,
      tombstones: situation.tombstones,
      claims: situation.claims.map((row) => claimOf(row, ids)),
      passed: situation.passed,
      identity: situation.identity,
      ids,
      isProtected: guarded.user,
      primary: primaryOf(config),
      reaches: reaches(config, controller.name),
      paid: situation.debts.filter(({ state }) => state === 'done').map(owner),
      released: situation.debts.filter(isReleased).map(owner),
      owing: situation.owing.map(owner),
    });
    const identity = identities.people.get(person);
    const connection = [...situation.facts.people, ...situation.tombstones].find(
      (one) => one.id === person,
    )?.connection;
    const isPaused = (await pausedConnections(db)).has(connection ?? '');
    const claim = situation.claims.find((row) => row.person === person && row.state === 'current');
    // Whoever is paused keeps the id they have, whatever they are called since.
    const mapped = identity !== undefined && 'id' in identity ? identity.id : undefined;
    const id = isPaused ? claim?.id : mapped;
    const active = situation.facts.people.some((fact) => fact.id === person && fact.active);
    const stored = entriesByName(situation, ids);
    const rowOf = (role: RoleKey): EntriesTable | undefined =>
      id === undefined ? undefined : stored.get(foldedEntryKey(role, { type: 'user', id }, ids));
    // Nothing is on its way to a controller that the connection may not reach.
    const unreached = identity !== undefined && 'none' in identity && identity.none === 'connection';
    const untouched = untouchedBy(evaluation, guarded);
    const given = unreached ? [] : grantsOf(evaluation, situation, person, rowOf, untouched, capabilities);
    // What stands at an id that is somebody else's by now is no more of who gave it up than they owe there.
    const isTheirs = (row: EntriesTable): boolean => {
      const foldedId = foldId(row.sid, ids);
      const now = identities.owners.get(foldedId);
      const isHandedOn = now?.state === 'current' && now.person !== person;
      const owes = (debt: DebtsTable) => debt.person === person && debt.folded_id === foldedId && isUnpaid(debt);
      return row.person === person && (!isHandedOn || situation.debts.some(owes));
    };
    const standing = standingOf(evaluation, situation, person, given, isTheirs, capabilities);
    const grants = [...given, ...standing].filter((grant) => passes(grant, filter, capabilities.permissions));
    const theirs = { name: connection, configured: config.connections.some(({ name }) => name === connection) };
    const unmapped =
      identity !== undefined && 'none' in identity && active
        ? [{ rule: '(identity)', missing: noIdText(controller.name, identity, theirs, ids, identities.owners) }]
        : [];
    const whyNot = policy
      .whyNot(situation.facts, target, person, filter.item)
      .filter(({ role }) => wantedRole(evaluation, role, filter, capabilities.permissions));
    const formerIds = heldIds(situation, person);
    const stopped = stoppedBy(row, isPaused ? connection : undefined);
    return {
      name: controller.name,
      jenkinsId: id ?? null,
      active,
      ...(formerIds.length === 0 ? {} : { formerIds }),
      grants: grants.map(({ key: _, pattern: __, ids: ___, ...grant }) => grant),
      whyNot: [...stopped, ...unmapped, ...missingByRule(whyNot)],
    };
  });
}

/** What stands there, by how the realm compares ids: of two spellings, one that was found. */
function entriesByName({ entries }: Situation, ids: IdStrategy): ReadonlyMap<string, EntriesTable> {
  const inOrder = entries.toSorted((a, b) => a.verified - b.verified);
  return new Map(inOrder.map((row) => [foldedEntryKey(roleOf(row), principalOf(row), ids), row]));
}

/** What keeps everything as it is, whatever rules say. */
function stoppedBy(
  row: { readonly paused: number; readonly on_hold: number } | undefined,
  connection: string | undefined,
): ControllerExplanation['whyNot'] {
  const after = 'nothing is given or taken until `resume`';
  if (connection !== undefined)
    return [{ rule: '(paused)', missing: `a running connection: ${connection} is paused, ${after}` }];
  if (row?.on_hold === 1)
    return [{ rule: '(paused)', missing: `a running controller: it is on hold since a restore, ${after}` }];
  return row?.paused === 1 ? [{ rule: '(paused)', missing: `a running controller: it is paused, ${after}` }] : [];
}

/** What leaves a role as it is there, whoever should get or lose it: `protect`, or what blocks it (semantics §10). */
function untouchedBy({ blocked }: Evaluation, guarded: Protection): (role: RoleKey) => string | undefined {
  const codes = new Map(blocked.map((role) => [roleKey(role), role.code]));
  return (role) => (guarded.role(role) ? 'protect.roles' : codes.get(roleKey(role)));
}

type Grant = ControllerExplanation['grants'][number] & {
  readonly key: RoleKey;
  readonly pattern: string;
  readonly ids: readonly string[];
};

function grantsOf(
  evaluation: Evaluation,
  situation: Situation,
  person: string,
  rowOf: (role: RoleKey) => EntriesTable | undefined,
  untouched: ReturnType<typeof untouchedBy>,
  { permissions: catalogue, userIds: ids }: Pick<Capabilities, 'permissions' | 'userIds'>,
): Grant[] {
  const roles = new Map(evaluation.roles.map((role) => [roleKey(role), role]));
  const waiting = heldOf(situation, person, 'grant');
  const redefined = heldOf(situation, undefined, 'update-role');
  const owned = new Set(situation.roles.map((role) => roleKey(roleOf(role))));
  // What is only kept where it stands is not on its way: `whyNot` tells of it.
  const kept = evaluation.frozen.filter((grant) => grant.person === person && rowOf(grant.role)?.verified === 1);
  const losses = kept.length === 0 ? undefined : heldLosses(situation, person, ids);
  return [...evaluation.grants, ...kept]
    .filter((grant) => grant.person === person)
    .map((grant) => {
      const loss = kept.includes(grant) ? losses?.get(roleKey(grant.role)) : undefined;
      const row = rowOf(grant.role);
      const shown = shownGrant(grant.role, roles.get(roleKey(grant.role)), catalogue);
      const held = row?.verified === 1 ? undefined : (untouched(grant.role) ?? waiting.get(roleKey(grant.role)));
      const redefinition = row?.verified === 1 ? redefined.get(roleKey(grant.role)) : undefined;
      const isOurs = roles.get(roleKey(grant.role))?.existing === true || owned.has(roleKey(grant.role));
      const isUnmade = !isOurs && row?.verified !== 1 && held === undefined;
      const state = {
        ...(loss === undefined ? {} : { loss }),
        ...(held === undefined ? {} : { held }),
        ...(isUnmade ? { unmade: true as const } : {}),
        ...(redefinition === undefined ? {} : { redefinition }),
      };
      return { ...shown, effective: row?.verified === 1, ...state, reasons: grant.reasons };
    });
}

function shownGrant(key: RoleKey, definition: DesiredRole | undefined, catalogue: readonly PermissionInfo[]) {
  const pattern = definition?.pattern ?? '';
  const ids = definition?.permissions ?? [];
  return {
    key,
    pattern,
    ids,
    role: key.name,
    scope: definition === undefined ? `${key.type} role` : scopeOf(definition),
    permissions: ids.map((permission) => titleOf(permission, catalogue)),
  };
}

/** Entries that stand though no reason carries them now: ended ones (semantics §6), and losses that are held or not done yet. */
function standingOf(
  evaluation: Evaluation,
  situation: Situation,
  person: string,
  given: readonly Grant[],
  isTheirs: (row: EntriesTable) => boolean,
  { permissions: catalogue, userIds: ids }: Pick<Capabilities, 'permissions' | 'userIds'>,
): Grant[] {
  const roles = new Map(evaluation.roles.map((role) => [roleKey(role), role]));
  const known = new Set(given.map(({ key }) => roleKey(key)));
  const expired = new Set(evaluation.expired);
  const losses = heldLosses(situation, person, ids);
  const owes = new Set(situation.debts.filter(isUnpaid).map(({ folded_id }) => folded_id));
  const staysByHand = (row: EntriesTable): boolean =>
    row.standing === 'matched' &&
    roles.get(roleKey(roleOf(row)))?.entries !== 'exclusive' &&
    !owes.has(foldId(row.sid, ids));
  return situation.entries.flatMap((row): Grant[] => {
    const key = roleOf(row);
    const reasons = JSON.parse(row.reasons) as Reason[];
    const ended = reasons.length > 0 && reasons.every(({ rule }) => expired.has(`${rule}\u0000${person}`));
    if (!isTheirs(row) || row.verified !== 1 || known.has(roleKey(key))) return [];
    const loss = losses.get(roleKey(key)) ?? (staysByHand(row) ? 'by-hand' : 'pending');
    const state = ended && loss !== 'by-hand' ? { overdue: true as const } : { loss };
    return [{ ...shownGrant(key, roles.get(roleKey(key)), catalogue), effective: true, ...state, reasons }];
  });
}

function scopeOf({ existing, type, pattern }: DesiredRole): string {
  return existing ? `${type} role made by hand` : scopeText({ type, pattern });
}

function passes(grant: Grant, { permission, item }: ExplainFilter, catalogue: readonly PermissionInfo[]): boolean {
  if (permission !== undefined && !gives(grant.ids, permission, catalogue)) return false;
  return item === undefined || grant.key.type !== 'item' || matchesItem(grant.pattern, item);
}

function wantedRole(
  evaluation: Evaluation,
  policyRole: string,
  { permission }: ExplainFilter,
  catalogue: readonly PermissionInfo[],
): boolean {
  if (permission === undefined) return true;
  const instances = evaluation.roles.filter((role) => role.policyRole === policyRole);
  return instances.length === 0 || instances.some((role) => gives(role.permissions, permission, catalogue));
}
