import { z } from 'zod';
import { script } from '../../scripts/script.ts';
import { roles } from './fragment.ts';

/** The same fingerprint as `observe` gives, without the roles. */
export const fingerprint = script(
  'fingerprint',
  [roles, new URL('./fingerprint.groovy', import.meta.url)],
  z.strictObject({}),
  z.strictObject({ strategy: z.string(), fingerprint: z.string() }),
);
