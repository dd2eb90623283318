import { type Dialect, LENIENT } from './dialect.ts';

/** Microsoft Entra ID, with and without `aadOptscim062020` (reference §3.2). */
export const entra: Dialect = LENIENT;
