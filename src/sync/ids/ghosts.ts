import type { Kysely } from 'kysely';
import type { Controller, Observed, PersonState } from '../../access/ports/controller.ts';
import { foldId, type IdStrategy } from '../../access/principal.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import { protection } from '../../plan/protection.ts';
import type { Tables } from '../../store/tables.ts';
import type { SyncContext } from '../state/context.ts';
import { principalOf, roleOf } from '../state/rows.ts';
import { allClaims, entriesOf, orderedLeavers } from '../state/stored.ts';
import { entryKey } from '../state/storedEntries.ts';

/** Somebody who can act on a controller without a reason. */
export interface Ghost {
  readonly controller: string;
  readonly id: string;
  readonly grants: readonly string[];
  readonly tokens: number;
  readonly sshKeys: number;
  readonly sessions: number;
  readonly why: string;
}

/**
 * Everybody who can act on a controller without a reason: an entry no rule asks for, or tokens, keys and open SSH sessions of
 * somebody who left or whom the directory does not know. A record alone is no ghost. Protected ids are none.
 */
export async function ghostsOf(
  context: SyncContext,
  config: ControllerConfig,
  controller: Controller,
): Promise<readonly Ghost[]> {
  const capabilities = await controller.probe();
  const observed = await controller.observe();
  const inventory = await controller.inventory();
  const ids = capabilities.userIds;
  const { claims, entries, active } = await context.store.read(async (db, breathe) => ({
    claims: await allClaims(db, config.name, breathe),
    entries: await entriesOf(db, config.name, 'all', [], breathe),
    active: await activePeople(db),
  }));
  const owners = new Map(claims.map((claim) => [foldId(claim.id, ids), claim]));
  const elsewhere = new Set(
    claims.flatMap(({ state, person }) => (state === 'current' && active.has(person) ? [person] : [])),
  );
  const reasoned = new Set(
    entries.filter(({ desired }) => desired === 1).map((row) => entryKey(roleOf(row), principalOf(row))),
  );
  const guarded = protection(config, capabilities);
  const grants = unreasoned(observed, reasoned, ids);
  const states = Map.groupBy(inventory, ({ id }) => foldId(id, ids));
  const found: Ghost[] = [];
  // Accounts that are one id here may be several to Jenkins.
  for (const foldedId of new Set([...grants.keys(), ...states.keys()]))
    for (const [n, state] of (states.get(foldedId) ?? [undefined]).entries()) {
      const held = n === 0 ? grants.get(foldedId) : undefined;
      const id = state?.record ?? held?.id ?? foldedId;
      if (guarded.user(id)) continue;
      const claim = owners.get(foldedId);
      const known = claim?.state === 'current' && active.has(claim.person);
      const credentials = known ? NONE : (state ?? NONE);
      const roles = held?.roles ?? [];
      const acting = credentials.tokens.length + credentials.sshKeys + credentials.sshSessions;
      if (roles.length + acting === 0 && credentials.error === undefined) continue;
      const why = whyOf(
        claim === undefined ? 'unknown' : known ? 'known' : elsewhere.has(claim.person) ? 'renamed' : 'left',
      );
      found.push({
        controller: config.name,
        id,
        grants: roles,
        tokens: credentials.tokens.length,
        sshKeys: credentials.sshKeys,
        sessions: credentials.sshSessions,
        why: credentials.error === undefined ? why : `${why}; the record cannot be read: ${credentials.error}`,
      });
    }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Who is active by the provider's word and an operator's. */
async function activePeople(db: Kysely<Tables>): Promise<ReadonlySet<string>> {
  const active = await db.selectFrom('users').select('id').where('active', '=', 1).execute();
  const ordered = await orderedLeavers(db);
  return new Set(active.flatMap(({ id }) => (ordered.has(id) ? [] : [id])));
}

const NONE: Pick<PersonState, 'tokens' | 'sshKeys' | 'sshSessions' | 'error'> = {
  tokens: [],
  sshKeys: 0,
  sshSessions: 0,
};

function whyOf(standing: 'unknown' | 'known' | 'renamed' | 'left'): string {
  if (standing === 'known') return 'no rule gives these grants';
  if (standing === 'renamed') return 'the person has another id now';
  return standing === 'left' ? 'the person left' : 'nobody in the directory has this id';
}

/** USER and EITHER entries that no rule asks for, by folded id. Special names are no people. */
function unreasoned(
  observed: Observed,
  reasoned: ReadonlySet<string>,
  ids: IdStrategy,
): Map<string, { readonly id: string; readonly roles: string[] }> {
  const found = new Map<string, { id: string; roles: string[] }>();
  for (const role of observed.roles)
    for (const principal of role.entries) {
      if (principal.type === 'group' || reasoned.has(entryKey(role, principal))) continue;
      if (SPECIAL.has(principal.id.toLowerCase())) continue;
      const folded = foldId(principal.id, ids);
      const ghost = found.get(folded) ?? { id: principal.id, roles: [] };
      ghost.roles.push(`${role.type}:${role.name}${principal.type === 'either' ? ' (either)' : ''}`);
      found.set(folded, ghost);
    }
  return found;
}

const SPECIAL = new Set(['anonymous', 'authenticated', 'role_everyone']);
