import { type Dialect, LENIENT } from './dialect.ts';

/** Any other identity provider: OneLogin, JumpCloud, Ping, SailPoint, authentik (reference §3.4). */
export const generic: Dialect = LENIENT;
