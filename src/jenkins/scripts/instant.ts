import { z } from 'zod';

/** From the year 1 to the end of the year 9999. */
const [FIRST, LAST] = [-62_135_596_800_000, 253_402_300_799_999];

/**
 * A time that a controller tells, in milliseconds since the epoch: one that can be written as RFC 3339, whatever our clock says meanwhile.
 * What is no date would end the work of whoever shows it, over all controllers.
 */
export const instant = z.number().min(FIRST).max(LAST);
