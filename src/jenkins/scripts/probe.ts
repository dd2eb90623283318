import { z } from 'zod';
import { listOf, mapOf } from './collection.ts';
import { instant } from './instant.ts';
import { script } from './script.ts';

/** What the controller is: raw facts, judged in `capabilities.ts`. */
const probeReply = z.strictObject({
  core: z.string(),
  realm: z.string(),
  /** Who gets in by a password that the realm keeps itself. */
  escapeHatch: z.string().nullable(),
  strategy: z.string(),
  /** Active plugins, short name to version. */
  plugins: mapOf(z.string()),
  /** Simple names of the realm's IdStrategy classes. */
  userIds: z.string(),
  groupIds: z.string(),
  permissions: listOf(
    z.strictObject({ id: z.string(), title: z.string(), enabled: z.boolean(), impliedBy: z.string().nullable() }),
  ),
  userSeeds: z.boolean(),
  legacyTokens: z.strictObject({ creationOnUserCreation: z.boolean(), creationByHand: z.boolean() }),
  signUp: z.boolean(),
  builtInExecutors: z.int(),
  /** null: configuration-as-code is not there. `roles`: one of its local files has a roleBased block. */
  jcasc: z.strictObject({ roles: z.boolean() }).nullable(),
  /** Switches of the JVM for role-strategy. */
  roleSwitches: z.strictObject({ caseSensitive: z.boolean(), authoritiesAsRoles: z.boolean() }),
  /** Databases that wrote since the start, by lineage, each with the time of the last write by the controller's clock. */
  writers: listOf(z.strictObject({ lineage: z.string(), at: instant })),
});

export type ProbeReply = z.output<typeof probeReply>;

export const probe = script('probe', [new URL('./probe.groovy', import.meta.url)], z.strictObject({}), probeReply);
