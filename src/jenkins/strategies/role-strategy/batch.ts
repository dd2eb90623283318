import type { ObservedRole, StrategyBatch, StrategyChange } from '../../../access/ports/controller.ts';
import { type RoleKey, roleKey } from '../../../access/role.ts';
import { MOST_BYTES } from '../../fitting.ts';
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
    size += Buffer.byteLength(JSON.stringify(entry)) + 1;
  }
  pieces.push({ op, type: key.type, name: key.name, entries: piece });
  return pieces;
}

/** The first changes that fit one script together; at least one. */
export function firstLetter(changes: readonly Change[]): readonly Change[] {
  let size = 0;
  const end = changes.findIndex((change) => {
    size += Buffer.byteLength(JSON.stringify(change));
    return size > MOST_BYTES;
  });
  return end === -1 ? changes : changes.slice(0, Math.max(1, end));
}

/** Digests by role that a script is to find, kept current from one script of a batch to the next. */
export class Preconditions {
  readonly #wanted = new Map<string, { type: RoleKey['type']; name: string; digest: string }>();

  constructor(batch: StrategyBatch) {
    for (const { role, digest } of batch.preconditions)
      this.#wanted.set(roleKey(role), { type: role.type, name: role.name, digest });
    const bare = batch.changes.find((change) => !this.#wanted.has(roleKey(change.role)));
    if (bare !== undefined) throw new Error(`batch ${batch.id} touches ${roleKey(bare.role)} without a precondition`);
  }

  list(): { type: RoleKey['type']; name: string; digest: string }[] {
    return [...this.#wanted.values()];
  }

  /** What a script left behind is what the next one must find. */
  become(roles: readonly RoleReply[]): void {
    const found = new Map(roles.map((role) => [roleKey(role), role.digest]));
    for (const [key, wanted] of this.#wanted) wanted.digest = found.get(key) ?? 'absent';
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
