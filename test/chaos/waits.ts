import { type ControllerName, foldOn } from './controllers.ts';
import type { Standing } from './standing.ts';

/** Losses that may wait for a person here; ceilings by number are out of reach unless they are tight. */
export const LOSSES: ReadonlySet<string> = new Set([
  ...['bound-group', 'whole-group', 'whole-connection', 'last-administrator', 'needs'],
]);
/** Holds of a definition: somebody whom hands put there would gain. */
export const UPDATES: ReadonlySet<string> = new Set(['unmanaged-gain', 'protected']);
/** Gains that may wait for a role that waits, and definitions for a gain that makes up for what they take; only where ceilings are tight. */
export const GAINS: ReadonlySet<string> = new Set(['needs']);

const CEILINGS = new Set([
  ...['losses.disableUsers', 'losses.renameUsers', 'losses.revokeGrants', 'losses.revokeAdministrators'],
  ...['gains.administrators', 'gains.grantsPerPerson', 'gains.createRoles'],
]);

const LEAVING = new Set(['whole-connection', 'losses.disableUsers', 'losses.renameUsers', 'last-administrator']);

/** What waits on one controller, and by what. */
export class Waits {
  readonly #tight: boolean;
  /** Ceiling, or `rejected`, by `kind role id`. */
  readonly #by: ReadonlyMap<string, string>;

  constructor(tight: boolean, by: ReadonlyMap<string, string>) {
    this.#tight = tight;
    this.#by = by;
  }

  /** Whatever holds anything. */
  get reasons(): ReadonlySet<string> {
    return new Set(this.#by.values());
  }

  /** What holds a step; `key` is `role id`. */
  by(kind: 'grant' | 'revoke' | 'update-role', key: string): string | undefined {
    return this.#by.get(`${kind} ${key}`);
  }

  /** Whether a step waits for a reason that it may wait for. */
  isHeld(kind: 'grant' | 'revoke' | 'update-role', key: string, reasons: ReadonlySet<string>): boolean {
    const by = this.by(kind, key);
    return by !== undefined && (by === 'rejected' || reasons.has(by) || (this.#tight && CEILINGS.has(by)));
  }

  /**
   * Whether what somebody gave up at an id waits for what they are to have at the new one: they keep it though the group that gave it is
   * gone, and no record makes an administrator of that.
   */
  isKept(id: string): boolean {
    const all = [...this.#by];
    return (
      all.some(([key, by]) => by === 'needs' && key.endsWith(` ${String(undefined)} ${id}`)) &&
      all.some(([, by]) => by === 'unproven')
    );
  }

  /** Whether anybody's leaving waits, or an id that somebody gave up until the new one gains; what was refused names no role then. */
  get leavers(): boolean {
    return [...this.#by].some(
      ([key, by]) =>
        LEAVING.has(by) ||
        (this.#tight && by === 'needs' && key.startsWith('remove-entries ')) ||
        (by === 'rejected' && key.split(' ')[1] === String(undefined)),
    );
  }
}

export async function waitsOn({ house, tight }: Standing, name: ControllerName): Promise<Waits> {
  const rows = await house.store.read((db) =>
    db.selectFrom('held').selectAll().where('controller', '=', name).execute(),
  );
  const by = rows
    .filter(({ state }) => state !== 'released')
    .map(({ step, ceiling, state }): [string, string] => {
      const { kind, role, principal, id } = JSON.parse(step) as {
        kind: string;
        role?: { name: string };
        principal?: { id: string };
        id?: string;
      };
      return [
        `${kind} ${role?.name} ${foldOn(name, principal?.id ?? id ?? '')}`,
        state === 'rejected' ? state : ceiling,
      ];
    });
  return new Waits(tight, new Map(by));
}
