import { z } from 'zod';
import { listOf } from './collection.ts';
import { script } from './script.ts';

/** How often the API tokens of an account were used; of one without a record, none. */
export const uses = script(
  'uses',
  [new URL('./uses.groovy', import.meta.url)],
  z.strictObject({ id: z.string() }),
  z.strictObject({
    counted: z.boolean(),
    tokens: listOf(z.strictObject({ uuid: z.string(), uses: z.int().nonnegative() })),
  }),
);
