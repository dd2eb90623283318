import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Disk } from '../access/ports/disk.ts';
import type { Config } from '../config/schema.ts';
import { type Room, roomOn } from '../store/reserve.ts';

/** The place of an embedded database. */
export interface DiskProbe {
  readonly path: string;
  /** Whether file and folder may be written by who asks; a disk that is read-only says no to everybody. */
  readonly writable: boolean;
  /** Absent where the disk says nothing. */
  readonly room?: Room;
  /** What a reading of every page found; absent where it was not asked for. */
  readonly damage?: readonly string[];
}

/** Looks at the disk of the database; with `deep` at every page of it. Undefined where there is no file yet, or it is a server's. */
export async function probeDisk(config: Config, disk: Disk, deep: boolean): Promise<DiskProbe | undefined> {
  const path = /^sqlite:(.+)$/s.exec(config.database)?.[1];
  if (path === undefined || !existsSync(path)) return undefined;
  const room = roomOn(disk, dirname(path), config.disk);
  const probed = { path, writable: writable(path) && writable(dirname(path)), ...(room === undefined ? {} : { room }) };
  if (!deep) return probed;
  const { examineSqlite } = await import('../store/sqlite/examine.ts');
  return { ...probed, damage: examineSqlite(config.database) };
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
