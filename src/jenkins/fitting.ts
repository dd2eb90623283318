/**
 * Most UTF-8 bytes of data in one script. As Base64 in a form they are 1.42 times as many, so that a call stays below a megabyte: what
 * nginx lets through if nobody says otherwise.
 */
export const MOST_BYTES = 600_000;

/** UTF-8 bytes of an element in a list of JSON. */
export function bytesOf(element: unknown): number {
  return Buffer.byteLength(JSON.stringify(element)) + 1;
}

/**
 * How many of the elements, from the first on, one script takes: `most` at most, one at least.
 * @param size bytes of an element; asked once of each, in their order
 */
export function fitting<T>(elements: readonly T[], most: number, size: (element: T) => number = bytesOf): number {
  let bytes = 0;
  let count = 0;
  for (const element of elements) {
    bytes += size(element);
    if (count > 0 && (count === most || bytes > MOST_BYTES)) break;
    count++;
  }
  return count;
}
