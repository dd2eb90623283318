import type { ObservedRole, StrategyBatch, StrategyChange } from '../../../access/ports/controller.ts';
import { type RoleKey, roleKey } from '../../../access/role.ts';
import { bytesOf, fitting, MOST_BYTES } from '../../fitting.ts';
import type { Change } from './apply.ts';
import { fromWord, toWord } from './entry.ts';
import type { RoleReply } from './role.ts';

/**
 * Changes as the script takes them. Grants that follow each other are put together by role, revokes likewise; the order of
 * gains, losses and definitions stays. A list that would not fit one script is cut.
 */
export function toChanges(changes: readonly StrategyChange[]): readonly Change[] {
  const out: Change[] = [];
  let run: { op: 'grant' | 'revoke'; roles: Map<string, { key: RoleKey; entries: Set<string> }> } | undefined;
  const flush = (): void => {
    if (run === undefined) return;
    for (const { key, entries } of run.roles.values()) out.push(...cutEntries(run.op, key, [...entries]));
    run = undefined;
  };
  for (const change of changes) {
    if (change.op === 'grant' || change.op === 'revoke') {
      if (run?.op !== change.op) flush();
      run ??= { op: change.op, roles: new Map() };
      const name = roleKey(change.role);
      const role = run.roles.get(name) ?? { key: change.role, entries: new Set<string>() };
      role.entries.add(toWord(change.principal));
      run.roles.set(name, role);
    } else {
      flush();
      out.push(toDefinition(change));
    }
  }
  flush();
  return out;
}

function toDefinition(change: Exclude<StrategyChange, { op: 'grant' | 'revoke' }>): Change {
  const { type, name } = change.role;
  if (change.op === 'delete-role') return { op: 'delete', type, name };
  const { pattern, permissions, template } = change.role;
  const op = change.op === 'create-role' ? 'create' : 'update';
  return { op, type, name, pattern, permissions: [...permissions], template: template ?? null };
}

function cutEntries(op: 'grant' | 'revoke', key: RoleKey, entries: readonly string[]): Change[] {
  const pieces: Change[] = [];
  let piece: string[] = [];
  let size = 0;
  for (const entry of entries) {
    if (size > MOST_BYTES / 2) {
      pieces.push({ op, type: key.type, name: key.name, entries: piece });
      piece = [];
      size = 0;
    }
    piece.push(entry);
    size += bytesOf(entry);
  }
  pieces.push({ op, type: key.type, name: key.name, entries: piece });
  return pieces;
}

/** A digest of the length they have, for what a precondition takes. */
const A_DIGEST = '0'.repeat(64);

/** The first changes that fit one script together with what is to be found of their roles; at least one. */
export function firstLetter(changes: readonly Change[]): readonly Change[] {
  const roles = new Set<string>();
  const size = (change: Change): number => {
    const { type, name } = change;
    const isKnown = roles.has(roleKey(change));
    roles.add(roleKey(change));
    return bytesOf(change) + (isKnown ? 0 : bytesOf({ type, name, digest: A_DIGEST }));
  };
  return changes.slice(0, fitting(changes, changes.length, size));
}

type Wanted = { type: RoleKey['type']; name: string; digest: string };

/** Digests by role that a script is to find, kept current from one script of a batch to the next. */
export class Preconditions {
  readonly #wanted = new Map<string, Wanted>();

  constructor(batch: StrategyBatch) {
    for (const { role, digest } of batch.preconditions)
      this.#wanted.set(roleKey(role), { type: role.type, name: role.name, digest });
    const bare = batch.changes.find((change) => !this.#wanted.has(roleKey(change.role)));
    if (bare !== undefined) throw new Error(`batch ${batch.id} touches ${roleKey(bare.role)} without a precondition`);
  }

  /** Those of the roles that one script touches. */
  of(changes: readonly Change[]): Wanted[] {
    return [...new Set(changes.map(roleKey))].flatMap((key) => this.#wanted.get(key) ?? []);
  }

  /** What a script left behind is what the next one must find. */
  become(sent: readonly Wanted[], roles: readonly RoleReply[]): void {
    const found = new Map(roles.map((role) => [roleKey(role), role.digest]));
    for (const wanted of sent) wanted.digest = found.get(roleKey(wanted)) ?? 'absent';
  }
}

/** A role of a script's answer as the port shows it. */
export function toObserved(role: RoleReply): ObservedRole {
  const { template, entries, permissions, ...rest } = role;
  const shape = {
    ...rest,
    permissions: Object.freeze([...permissions]),
    entries: Object.freeze(entries.map(fromWord)),
  };
  return Object.freeze(template === null ? shape : { ...shape, template });
}
