import type { Profile } from '../../config/schema.ts';
import type { Dialect } from './dialect.ts';
import { entra } from './entra.ts';
import { generic } from './generic.ts';
import { interop } from './interop.ts';
import { okta } from './okta.ts';
import { rfc } from './rfc.ts';
import { whole } from './whole.ts';

/** The dialect of each profile that a connection can have. */
export const DIALECTS: Readonly<Record<Profile, Dialect>> = Object.freeze({
  okta,
  entra,
  interop,
  rfc,
  generic,
  whole,
});
