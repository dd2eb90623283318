import { z } from 'zod';

const most = (value: number) => z.int().min(1).max(1_000_000_000).default(value);

/** What one connection may have and send; a flood of one must not be felt by the others (docs/limits.md). */
export const connectionLimits = z
  .strictObject({
    users: most(200_000),
    groups: most(50_000),
    memberships: most(5_000_000).describe('Direct ones, people and groups.'),
    nesting: z.int().min(1).max(32).default(10).describe('Levels of groups in groups.'),
    writesPerDay: most(2_000_000).describe('Changes in one day (UTC); deactivations and removals go on beyond it.'),
    requestsPerSecond: z
      .union(
        [z.int().min(1).max(1_000_000), z.literal('unlimited')],
        'write a whole number from 1 to 1000000, or unlimited',
      )
      .default(100)
      .describe('In the long run; more is answered with 429. `unlimited` for none.'),
    burst: most(2_000).describe('Requests that may come at once before requestsPerSecond counts.'),
  })
  .describe('What the connection may have and send.');

export type ConnectionLimits = z.output<typeof connectionLimits>;

/** The limits of a connection whose configuration names none. */
export const DEFAULT_LIMITS: ConnectionLimits = Object.freeze(connectionLimits.parse({}));
