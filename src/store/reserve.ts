import type { Clock } from '../access/ports/clock.ts';
import type { Disk } from '../access/ports/disk.ts';
import type { Log } from '../access/ports/log.ts';
import { Trouble } from '../access/trouble.ts';
import type { DiskConfig } from '../config/disk.ts';
import { refuse } from '../errors.ts';

/** Milliseconds that a look at the disk holds. */
const FRESH_MS = 1_000;
const MB = 1024 ** 2;

/** How full the disk is, in bytes. */
export interface Room {
  readonly available: number;
  readonly total: number;
  /** What is kept for deactivations, deletions and removals. */
  readonly reserve: number;
}

/** The part of the disk that is kept for what takes access away (security.md, flooding). */
export interface Reserve {
  /** Undefined where the disk cannot be asked; then nothing is refused. */
  room(): Room | undefined;
  /** False while the reserve is touched: the reconciler gives nothing then. */
  hasRoom(): boolean;
  /**
   * To be asked before anything is stored that may wait. What also takes access away may use one half of the reserve, so that a
   * provider that sends both in one request can take people away, and nobody can fill the other half with additions.
   * @throws ScimError STORE_RESERVE while the reserve, or that half, is touched
   */
  requireRoom(takesAwayToo?: boolean): void;
}

/** What is free and what is to be kept free on the disk of a folder. */
export function roomOn(disk: Disk, folder: string | undefined, config: DiskConfig): Room | undefined {
  const space = folder === undefined ? undefined : disk.space(folder);
  if (space === undefined) return undefined;
  return { ...space, reserve: Math.min(space.total * config.reserve, config.reserveAtMost) };
}

/** Whether only the reserve is left. */
export function isLow({ available, reserve }: Room): boolean {
  return available < reserve;
}

/** Looks at the disk of a folder once a second at most; told once a minute while it is low. */
export function createReserve(parts: {
  readonly disk: Disk;
  /** Undefined where the database is a server's, whose disk nobody here can ask. */
  readonly folder: string | undefined;
  readonly config: DiskConfig;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
}): Reserve {
  const { disk, folder, config, clock } = parts;
  const message = 'the disk is nearly full: only what takes access away is stored';
  const trouble = new Trouble({ ...parts, message, over: 'the disk has room again' });
  let lookedAt = Number.NEGATIVE_INFINITY;
  let last: Room | undefined;

  function room(): Room | undefined {
    const now = clock.monotonic();
    if (now - lookedAt < FRESH_MS) return last;
    lookedAt = now;
    last = config.reserve === 0 ? undefined : roomOn(disk, folder, config);
    if (last !== undefined && isLow(last)) trouble.met({ availableMb: megabytes(last.available), ...kept(last) });
    else trouble.well();
    return last;
  }

  return {
    room,
    hasRoom() {
      const found = room();
      return found === undefined || !isLow(found);
    },
    requireRoom(takesAwayToo = false) {
      const found = room();
      if (found === undefined) return;
      const reserve = takesAwayToo ? found.reserve / 2 : found.reserve;
      if (isLow({ ...found, reserve }))
        throw refuse('STORE_RESERVE', { available: megabytes(found.available), reserve: megabytes(reserve) });
    },
  };
}

function kept({ reserve }: Room): { reserveMb: number } {
  return { reserveMb: megabytes(reserve) };
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / MB);
}
