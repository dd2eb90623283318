import { z } from 'zod';
import { durationOf } from './scalars.ts';

const count = z.int().min(0).max(1_000_000);
const percent = z.number().min(0).max(100);

function ceiling(defaults: { count: number; percent: number; atLeast: number }) {
  return z.strictObject({
    count: count.default(defaults.count),
    percent: percent.default(defaults.percent),
    atLeast: count.default(defaults.atLeast).describe('The ceiling is never lower than this.'),
  });
}

const losses = z.strictObject({
  window: durationOf('1m', '366d').prefault('60m'),
  disableUsers: ceiling({ count: 50, percent: 10, atLeast: 5 }).prefault({}).describe('People of one connection.'),
  renameUsers: ceiling({ count: 50, percent: 10, atLeast: 5 })
    .prefault({})
    .describe('People of one connection who are called otherwise now on one controller.'),
  revokeGrants: ceiling({ count: 500, percent: 20, atLeast: 20 }).prefault({}).describe('Grants on one controller.'),
  revokeAdministrators: z.strictObject({ count: count.default(1) }).prefault({}),
});

const gains = z.strictObject({
  window: durationOf('1m', '366d').prefault('24h'),
  administrators: z
    .strictObject({ count: count.default(3) })
    .prefault({})
    .describe('Distinct people over the fleet.'),
  grantsPerPerson: count.default(25),
  createRoles: count.default(50),
});

export const guard = z
  .strictObject({ losses: losses.prefault({}), gains: gains.prefault({}) })
  .describe('Ceilings on what happens by itself: the lower of count and percent, never below atLeast.');

/** Windows in milliseconds. */
export type GuardConfig = z.output<typeof guard>;
/** One ceiling on losses. */
export type CeilingConfig = GuardConfig['losses']['revokeGrants'];
