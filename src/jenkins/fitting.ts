/**
 * Most UTF-8 bytes of data in one script. As Base64 in a form they are 1.42 times as many, so that a call stays below a megabyte: what
 * nginx lets through if nobody says otherwise.
 */
export const MOST_BYTES = 600_000;

/** Names leave room for the quotes and commas around short ones. */
const NAMES = 400_000;

/** How many of the names one script takes: `most` at most, one at least. */
export function fitting(names: readonly string[], most: number): number {
  let bytes = 0;
  let count = 0;
  for (const name of names) {
    bytes += Buffer.byteLength(name);
    if (count > 0 && (count === most || bytes > NAMES)) break;
    count++;
  }
  return count;
}
