import { z } from 'zod';
import { percent, size } from './scalars.ts';

export const disk = z
  .strictObject({
    reserve: percent.prefault('10%').describe('Share of the disk kept for what takes access away; 0% keeps nothing.'),
    reserveAtMost: size.prefault('10GB').describe('The reserve is never larger than this.'),
  })
  .describe('The disk of an embedded database.');

/** `reserve` as a fraction, `reserveAtMost` in bytes. */
export type DiskConfig = z.output<typeof disk>;
