import type { PersonState } from '../../access/ports/controller.ts';
import { foldId, type IdStrategy, type Principal } from '../../access/principal.ts';
import type { Reason } from '../../access/reason.ts';
import type { RoleKey } from '../../access/role.ts';
import type { Debt } from '../../plan/debt.ts';
import type { GuardEvent, GuardEventKind } from '../../plan/guard/event.ts';
import type { Claim } from '../../plan/identities.ts';
import type { OwnedEntry, Ownership } from '../../plan/plan.ts';
import type {
  ClaimsTable,
  DebtsTable,
  EntriesTable,
  GuardEventsTable,
  OwnedRolesTable,
} from '../../store/tables/sync.ts';
import type { CertifiedStep } from '../leavers/certificate.ts';

// Rows of the database as values of the planner. Ids are folded as the realm of now does: another one may have been there when they were
// stored, and who only looks brings nothing under it (refold.ts).

export function claimOf({ id, person, connection, state }: ClaimsTable, ids: IdStrategy): Claim {
  return { foldedId: foldId(id, ids), id, person, connection, state };
}

export function roleOf(row: { role_type: RoleKey['type']; role_name: string }): RoleKey {
  return { type: row.role_type, name: row.role_name };
}

export function principalOf(row: { entry_type: Principal['type']; sid: string }): Principal {
  return { type: row.entry_type, id: row.sid };
}

/** @param gave whether an entry came of what a compromised credential did */
export function ownershipOf(
  entries: readonly EntriesTable[],
  roles: readonly OwnedRolesTable[],
  gave: (entry: EntriesTable) => boolean,
): Ownership {
  const entry = (row: EntriesTable): OwnedEntry => (gave(row) ? { ...entryOf(row), compromised: true } : entryOf(row));
  return {
    entries: entries.filter(({ standing }) => standing === 'owned').map(entry),
    roles: roles.map((row) => ({
      role: roleOf(row),
      ...(row.empty_since_ms === null ? {} : { emptySince: row.empty_since_ms }),
    })),
  };
}

function entryOf(row: EntriesTable): OwnedEntry {
  return {
    role: roleOf(row),
    principal: principalOf(row),
    reasons: JSON.parse(row.reasons) as Reason[],
    present: row.verified === 1,
    carried: row.desired === 1,
    ...(row.person === null ? {} : { person: row.person }),
  };
}

/**
 * An open debt; `states` is what the controller said of ids that were asked about. `graceMs`: how long an unentitled person keeps
 * tokens.
 */
export function debtOf(
  row: DebtsTable,
  ids: IdStrategy,
  states: ReadonlyMap<string, PersonState> | undefined,
  graceMs: number,
): Debt {
  const foldedId = foldId(row.id, ids);
  const state = states?.get(foldedId);
  const kinds = JSON.parse(row.steps) as CertifiedStep[];
  return {
    person: row.person,
    connection: row.connection,
    id: row.id,
    foldedId,
    cause: row.cause,
    due: Date.parse(row.received_at) + graceMs,
    done: kinds.filter(({ verified }) => verified).map(({ kind }) => kind),
    tried: kinds.filter(({ verified }) => !verified).map(({ kind }) => kind),
    ...(state === undefined ? {} : { state }),
  };
}

export function eventOf(row: GuardEventsTable): GuardEvent {
  return {
    at: row.at_ms,
    controller: row.controller,
    kind: row.kind as GuardEventKind,
    key: row.key,
    administrative: row.administrative === 1,
    state: row.state,
    ...(row.connection === null ? {} : { connection: row.connection }),
    ...(row.person === null ? {} : { person: row.person }),
  };
}
