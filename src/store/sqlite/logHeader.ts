import { closeSync, copyFileSync, openSync, readSync } from 'node:fs';
import type { Log } from '../../access/ports/log.ts';

const BYTES = 32;
const LITTLE = 0x377f0682;
const BIG = 0x377f0683;
/** Another process may be about to write the header while it is read; not each time. */
const LOOKS = 5;

/**
 * Looks at the header of the write-ahead log before SQLite does, which takes one whose header is damaged for an empty one and goes on
 * without a word. Mostly nothing is lost then: a power cut while the log begins anew leaves that, and what it held before is in the
 * database. A disk that rots leaves the same, and then it is not. Nobody can tell the two apart, so the service starts, the log is kept
 * beside it and ours says so.
 */
export function tellUnsoundLog(path: string, log: Pick<Log, 'error'>): void {
  const file = `${path}-wal`;
  for (let look = 0; look < LOOKS; look++) {
    const header = headerOf(file);
    if (header === undefined || isSound(header)) return;
  }
  log.error('the log of the database was damaged', { path: file, kept: kept(file), remedy: REMEDY });
}

/** Where a copy of it is; null on a disk that takes none, which is no reason not to say what is lost. */
function kept(file: string): string | null {
  const copy = `${file}.damaged`;
  try {
    copyFileSync(file, copy);
    return copy;
  } catch {
    return null;
  }
}

const REMEDY =
  'After a power cut this may be all there is. Otherwise what was stored last is lost: jenkins-scim doctor --deep, look at the disk, restore a backup or have the identity provider push everybody again';

/** The header of a file; undefined where there is none, or nothing in it. */
function headerOf(path: string): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // Who may not read it fails by itself.
    return undefined;
  }
  try {
    const header = Buffer.alloc(BYTES);
    const there = readSync(file, header, 0, BYTES, 0);
    return there < BYTES || header.every((byte) => byte === 0) ? undefined : header;
  } finally {
    closeSync(file);
  }
}

/** Whether the checksum over the first 24 bytes is the one behind them (the file format of SQLite, §4.2). */
export function isSound(header: Buffer): boolean {
  const magic = header.readUInt32BE(0);
  if (magic !== LITTLE && magic !== BIG) return false;
  const word = (at: number): number => (magic === BIG ? header.readUInt32BE(at) : header.readUInt32LE(at));
  let [one, two] = [0, 0];
  for (let at = 0; at < 24; at += 8) {
    one = (one + word(at) + two) >>> 0;
    two = (two + word(at + 4) + one) >>> 0;
  }
  return one === header.readUInt32BE(24) && two === header.readUInt32BE(28);
}
