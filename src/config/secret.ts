import { z } from 'zod';

/** Where a secret is: never the secret itself. File paths become absolute when the configuration is loaded. */
export const secretRef = z
  .union(
    [
      z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not the name of an environment variable') }),
      z.strictObject({ file: z.string().min(1) }),
    ],
    { error: 'a secret is given by reference only: { env: NAME } or { file: PATH }' },
  )
  .describe('A reference to a secret: { env: NAME } or { file: PATH }.');

/** Of one in a configuration that was loaded, `from` is where it stands: the file with the line, or the environment variable. */
export type SecretRef = z.output<typeof secretRef> & { readonly from?: string };
