/**
 * Waits for statements that do not need each other's answers: a server gets them in one round trip. @throws what the first of
 * them threw, in their order
 */
export async function atOnce<T extends readonly (Promise<unknown> | undefined)[]>(
  ...running: T
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(running);
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as {
    -readonly [K in keyof T]: Awaited<T[K]>;
  };
}
