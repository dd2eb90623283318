import type { z } from 'zod';
import { type RoleKey, roleKey } from '../../access/role.ts';
import type { apply, Change } from '../../jenkins/strategies/role-strategy/apply.ts';
import { fromWord } from '../../jenkins/strategies/role-strategy/entry.ts';
import type { RoleReply } from '../../jenkins/strategies/role-strategy/role.ts';
import { mayDo } from '../state/access.ts';
import { PERMISSIONS, permission } from '../state/catalogue.ts';
import { type Home, ROLE_STRATEGY, SaveFailed } from '../state/home.ts';
import { javaPattern } from '../state/pattern.ts';
import { entryKey, type HeldRole, Strategy } from '../state/strategy.ts';
import { lowFence } from './fence.ts';
import { roleReply } from './observe.ts';
import { ScriptError } from './scriptError.ts';

type Order = z.output<typeof apply.parameters>;
type Result = z.output<typeof apply.result>;

/** Fence, preconditions, validation, changes in order, administrators, one save; a lock-out puts everything back. */
export function applyChanges(home: Home, order: Order): Result {
  if (home.strategyClass !== ROLE_STRATEGY)
    return { outcome: 'conflict', reason: `the authorization strategy is ${home.strategyClass}` };
  const low = lowFence(home, order);
  if (low !== undefined) return { outcome: 'fenced', reason: low };
  const stale = order.preconditions.find(
    (condition) => (roleReply(home, condition)?.digest ?? 'absent') !== condition.digest,
  );
  if (stale !== undefined) return { outcome: 'conflict', reason: `${label(stale)} was changed meanwhile` };
  const reason = impossible(order.changes);
  if (reason !== undefined) return { outcome: 'refused', reason };
  const before = home.strategy.copy();
  for (const change of order.changes) {
    const obstacle = perform(home.strategy, change);
    if (obstacle === undefined) continue;
    home.strategy = new Strategy(before);
    return { outcome: 'conflict', reason: obstacle };
  }
  if (!someoneStays(home, order.keepAdministrators)) {
    home.strategy = new Strategy(before);
    return { outcome: 'lock-out', reason: `nobody of ${order.keepAdministrators.length} could administer any more` };
  }
  const saves = order.changes.length === 0 ? 0 : 1;
  if (saves > 0) saveOrPutBack(home, before);
  const roles = order.preconditions.map((key) => roleReply(home, key)).filter((role) => role !== undefined);
  return { outcome: 'done', applied: order.changes.length, saves, roles: unique(roles) };
}

function saveOrPutBack(home: Home, before: ReturnType<Strategy['copy']>): void {
  try {
    home.save();
  } catch (error) {
    if (!(error instanceof SaveFailed)) throw error;
    home.strategy = new Strategy(before);
    throw new ScriptError(error.message);
  }
}

function impossible(changes: readonly Change[]): string | undefined {
  for (const change of changes) {
    if (change.op !== 'create' && change.op !== 'update') continue;
    const unknown = change.permissions.find((id) => permission(id) === undefined);
    if (unknown !== undefined) return `${label(change)}: the permission ${unknown} does not exist here`;
    try {
      javaPattern(change.pattern);
    } catch (error) {
      return `${label(change)}: the pattern is not a regular expression: ${messageOf(error)}`;
    }
  }
  return undefined;
}

/** Undefined where the change was made, else what stood in its way. */
function perform(strategy: Strategy, change: Change): string | undefined {
  const key: RoleKey = { type: change.type, name: change.name };
  const role = strategy.role(key);
  if (change.op === 'create') {
    if (role !== undefined) return `${label(key)} exists already`;
    strategy.put(change.type, { ...defined(change), entries: new Map() });
  } else if (role === undefined) return `${label(key)} does not exist any more`;
  else if (change.op === 'update') strategy.put(change.type, { ...defined(change), entries: role.entries });
  else if (change.op === 'delete') strategy.remove(key);
  else strategy.put(change.type, withEntries(role, change));
  return undefined;
}

function defined(change: Change & { readonly op: 'create' | 'update' }): Omit<HeldRole, 'entries'> {
  const { name, pattern, permissions, template } = change;
  return { name, pattern, permissions, ...(change.type === 'item' ? { template: template ?? '' } : {}) };
}

/** All entries of a change at once: a role of thousands is copied once. */
function withEntries(role: HeldRole, change: Change & { readonly op: 'grant' | 'revoke' }): HeldRole {
  const entries = new Map(role.entries);
  for (const word of change.entries) {
    const principal = fromWord(word);
    if (change.op === 'revoke') entries.delete(entryKey(principal));
    else if (!entries.has(entryKey(principal))) entries.set(entryKey(principal), principal);
  }
  return { ...role, entries };
}

function someoneStays(home: Home, ids: readonly string[]): boolean {
  const can = (name: string): boolean =>
    mayDo(home, { name, anonymous: false, authorities: ['authenticated'] }, PERMISSIONS.administer);
  return ids.length === 0 || ids.some(can);
}

function label(key: RoleKey): string {
  return `${key.type} role "${key.name}"`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unique(roles: readonly RoleReply[]): RoleReply[] {
  return [...new Map(roles.map((role) => [roleKey(role), role])).values()];
}
