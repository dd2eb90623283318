import { type BigIntStats, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { refuse } from '../../errors.ts';

/** The path as SQLite opens it without making a new file: after a failure an empty database must not take the place of the real one. */
export function existing(path: string): string {
  return `${pathToFileURL(path).href}?mode=rw`;
}

const BESIDE = ['-wal', '-shm'] as const;

/**
 * Remembers which files the path and the names beside it stand for. What is committed to a file that was taken away is gone with the
 * process: a log as well, until it is written into the database. Without the index of the log two processes do not know of each other.
 */
export class SameFile {
  readonly #path: string;
  readonly #first: BigIntStats;
  #beside: readonly (BigIntStats | undefined)[] = [];

  constructor(path: string) {
    this.#path = path;
    this.#first = statSync(path, { bigint: true });
  }

  /** Notes what a connection has opened that stays: as long as it does, SQLite makes no others. */
  noteBeside(): void {
    this.#beside = BESIDE.map((suffix) => look(this.#path + suffix));
  }

  /**
   * To be called before that connection is closed: where it is the last one, SQLite takes them away itself. What somebody else took
   * away before that stays noted.
   */
  forgetBeside(): void {
    if (this.#taken() === undefined) this.#beside = [];
  }

  /** @throws ScimError STORE_FAILED where the path names another file by now, or none */
  requireFile(): void {
    const now = look(this.#path);
    if (now === undefined) throw refuse('STORE_FAILED', { reason: 'the file is gone' });
    if (!isSame(now, this.#first))
      throw refuse('STORE_FAILED', { reason: 'another file has taken its place; restart the service' });
  }

  /** @throws ScimError STORE_FAILED the same for what was noted beside it */
  require(): void {
    this.requireFile();
    const suffix = this.#taken();
    if (suffix === undefined) return;
    const reason = `the file beside it that ends in ${suffix} was taken away; restart the service before any command is run`;
    throw refuse('STORE_FAILED', { reason });
  }

  #taken(): string | undefined {
    return BESIDE.find((suffix, at) => {
      const noted = this.#beside[at];
      return noted !== undefined && !isSame(look(this.#path + suffix), noted);
    });
  }
}

function look(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

function isSame(one: BigIntStats | undefined, other: BigIntStats): boolean {
  return one?.ino === other.ino && one.dev === other.dev;
}
