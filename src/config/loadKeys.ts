import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { systemReason } from '../errors/systemReason.ts';
import { refuse, ScimError } from '../errors.ts';
import { readableByOthers, replaceableByOthers } from './files.ts';
import { newKeyFile, parseKeyFile } from './keyFile.ts';
import type { Keys } from './keys.ts';

/** The one file in the folder: the keys appear all at once or not at all. */
export const KEY_FILE = 'keys.json';

/**
 * Reads the keys; makes them on the first start (folder 0700, file 0600). A file that is there is never overwritten, and of two
 * processes that start together one makes it and both read the same. With `create: false` (the database already holds what was
 * sealed under keys) a missing file is an error instead.
 * @throws ScimError KEY_FILE (missing, unreadable, malformed), CFG_FILE_MODE, CFG_FOLDER_MODE
 */
export function loadKeys(
  folder: string,
  random: { bytes(length: number): Uint8Array },
  options: { readonly create?: boolean } = {},
): Keys {
  const path = join(folder, KEY_FILE);
  try {
    if (options.create !== false && !existsSync(path)) create(folder, path, random);
    const problem = replaceableByOthers(folder) ?? readableByOthers(path);
    if (problem !== undefined) throw problem;
    return parseKeyFile(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof ScimError) throw error;
    throw refuse('KEY_FILE', { path, reason: reasonOf(error) }, error);
  }
}

function create(folder: string, path: string, random: { bytes(length: number): Uint8Array }): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `.${KEY_FILE}.${Buffer.from(random.bytes(8)).toString('hex')}`);
  try {
    writeDurably(draft, newKeyFile(random.bytes));
    publish(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(folder);
}

/** Gives the finished file its name; where somebody was faster, theirs stays. */
function publish(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (code(error) === 'EEXIST') return;
    // A file system without hard links.
    try {
      copyFileSync(draft, path, constants.COPYFILE_EXCL);
    } catch (again) {
      if (code(again) !== 'EEXIST') throw again;
    }
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function reasonOf(error: unknown): string {
  if (code(error) === 'ENOENT') return 'it is missing';
  return systemReason(error) ?? code(error) ?? (error as Error).message;
}

function code(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** Whether the files are still there, private, and hold the keys in use; what a restart would need. */
export function keysHold(folder: string, keys: Keys): boolean {
  try {
    const found = loadKeys(folder, { bytes: () => new Uint8Array() }, { create: false });
    const { mac, personal } = found.ledger;
    const token = found.token.byVersion.get(keys.token.current);
    return (
      found.heads.publicKey.equals(keys.heads.publicKey) &&
      isSame(mac, keys.ledger.mac) &&
      isSame(personal, keys.ledger.personal) &&
      isSame(token, keys.token.byVersion.get(keys.token.current))
    );
  } catch {
    return false;
  }
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.from(one).equals(other);
}
