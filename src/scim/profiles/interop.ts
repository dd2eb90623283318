import { type Dialect, STRICT } from './dialect.ts';

/** draft-zollner-scim-interop-profile-02: PATCH needs a path, and a value path a sub-attribute. */
export const interop: Dialect = Object.freeze({
  ...STRICT,
  pathless: 'refuse',
  valuePathNeedsSub: true,
  interopProfile: true,
});
