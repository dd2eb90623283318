import { type Dialect, LENIENT } from './dialect.ts';

/** Microsoft Entra ID, with and without `aadOptscim062020`; app roles come packed in a text (reference §3.2, §3.5 shape 28). */
export const entra: Dialect = Object.freeze({ ...LENIENT, packedValues: true });
