import { z } from 'zod';
import { LEAVER_STEPS, TAKEN_AGAIN } from '../../access/ports/controller.ts';
import { wordOfEntry } from '../strategies/role-strategy/entry.ts';
import { roles, saving } from '../strategies/role-strategy/fragment.ts';
import { listOf } from './collection.ts';
import { instant } from './instant.ts';
import { personReply, roleType } from './person.ts';
import { script } from './script.ts';

const stepKind = z.enum(LEAVER_STEPS);

/**
 * The steps of semantics §2 for people named by exact id. Steps run in the order of `LEAVER_STEPS`, delete-record after
 * the second cut, whatever the order in `steps`. `rest`: ids that were not begun within the budget (milliseconds).
 * `remoteTriggers`: jobs with an authentication token of their own; `whole: false` where the time did not suffice for all.
 */
export const cut = script(
  'cut',
  [roles, saving, new URL('./person.groovy', import.meta.url), new URL('./cut.groovy', import.meta.url)],
  z.strictObject({
    fence: z.int().nonnegative(),
    /** Names the service whose fences are compared with each other. */
    lineage: z.string(),
    orders: z.array(
      z.strictObject({
        id: z.string(),
        steps: z.array(stepKind),
        /** Of `second-cut`: what it takes once more; without, all three. */
        again: z.array(z.enum(TAKEN_AGAIN)).min(1).optional(),
        /** null: every USER and EITHER entry that folds to the id; otherwise exactly these. */
        entries: z.array(z.strictObject({ type: roleType, role: z.string(), entry: wordOfEntry })).nullable(),
      }),
    ),
    budget: z.int().positive(),
    /** Milliseconds to look for remote triggers, and how many are named. */
    triggerBudget: z.int().nonnegative(),
    shownTriggers: z.int().positive(),
  }),
  z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('done'),
      results: listOf(
        z.strictObject({
          id: z.string(),
          steps: listOf(
            z.strictObject({
              kind: stepKind,
              at: instant,
              done: z.boolean(),
              count: z.int().nullable(),
              reason: z.string().nullable(),
            }),
          ),
          missing: listOf(stepKind),
          after: personReply,
          error: z.string().nullable(),
        }),
      ),
      rest: listOf(z.string()),
      saves: z.int().nonnegative(),
      remoteTriggers: z.strictObject({ count: z.int().nonnegative(), jobs: listOf(z.string()), whole: z.boolean() }),
    }),
    z.strictObject({ outcome: z.literal('fenced'), reason: z.string() }),
  ]),
);
