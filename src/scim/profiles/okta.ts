import { type Dialect, LENIENT } from './dialect.ts';

/** Okta: PUT with echoes of id, meta and groups, pathless PATCH, empty strings for what is not known (reference §3.1). */
export const okta: Dialect = LENIENT;
