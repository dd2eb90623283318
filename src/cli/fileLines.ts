import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { unreadable } from './failure.ts';

/** Bytes that are read at once. */
const CHUNK = 1024 ** 2;

/**
 * The lines of a text, read as they are asked for, those of a pipe once: an export of the ledger may be larger than any text can be (512 MB).
 * @throws ScimError CLI_USAGE where it cannot be read
 */
export function fileLines(path: string, chunk = CHUNK): Iterable<string> {
  return { [Symbol.iterator]: () => linesOf(path, chunk) };
}

function* linesOf(path: string, chunk: number): Generator<string> {
  const file = opened(path);
  try {
    const decoder = new StringDecoder('utf8');
    const buffer = Buffer.alloc(chunk);
    let rest = '';
    for (let read = filled(path, file, buffer); read > 0; read = filled(path, file, buffer)) {
      const lines = (rest + decoder.write(buffer.subarray(0, read))).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    yield rest + decoder.end();
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
}

function filled(path: string, file: number, buffer: Buffer): number {
  try {
    return readSync(file, buffer);
  } catch (error) {
    throw unreadable(path, error);
  }
}
