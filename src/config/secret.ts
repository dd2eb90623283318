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

export type SecretRef = z.output<typeof secretRef>;
