import { z } from 'zod';

/** Elements that are looked at together. */
const TOGETHER = 500;

/**
 * A list that is looked at until something of it is wrong. `z.array` tells of each wrong element: a hostile answer of 16 MB has five
 * million, and their complaints take more memory than there is.
 */
export function listOf<T>(element: z.ZodType<T>): z.ZodType<T[]> {
  const some = z.array(element);
  return z.custom<readonly unknown[]>(Array.isArray, 'not a list').transform((items, context) => {
    const found: T[] = [];
    for (let at = 0; at < items.length; at += TOGETHER) {
      const read = some.safeParse(items.slice(at, at + TOGETHER));
      if (!read.success) {
        const [index, ...path] = read.error.issues[0]?.path ?? [];
        return wrong(read.error, [at + Number(index), ...path], context);
      }
      for (const item of read.data) found.push(item);
    }
    return found;
  });
}

/** A list of texts, each of the pattern; a parser's call for each would take longer than the parsing of the answer. */
export function textsOf(pattern?: RegExp): z.ZodType<string[]> {
  const isText = (item: unknown): item is string => typeof item === 'string' && pattern?.test(item) !== false;
  return z.custom<readonly unknown[]>(Array.isArray, 'not a list').transform((items, context) => {
    if (items.every(isText)) return [...items];
    context.addIssue({
      code: 'custom',
      message: 'not a text of its kind',
      path: [items.findIndex((item) => !isText(item))],
    });
    return z.NEVER;
  });
}

/** The same of an object with any keys; its values stay as they are. */
export function mapOf<T>(element: z.ZodType<T>): z.ZodType<Record<string, T>> {
  return z.record(z.string(), z.unknown()).transform((items, context) => {
    for (const [key, item] of Object.entries(items)) {
      const read = element.safeParse(item);
      if (!read.success) return wrong(read.error, [key], context);
    }
    return items as Record<string, T>;
  });
}

function wrong(error: z.ZodError, path: PropertyKey[], context: z.RefinementCtx): never {
  context.addIssue({ code: 'custom', message: error.issues[0]?.message ?? '', path });
  return z.NEVER;
}
