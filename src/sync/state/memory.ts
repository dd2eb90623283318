import type { Capabilities, Controller, Observed } from '../../access/ports/controller.ts';
import type { IdStrategy } from '../../access/principal.ts';
import { ScimError } from '../../errors.ts';
import { sameStrategy } from '../ids/sameStrategy.ts';
import type { SyncContext } from './context.ts';

/** What is kept of a controller between passes; `observed` is absent where it has to be read again. */
export interface Memory {
  capabilities?: Capabilities & { readonly readAt: number };
  observed?: Observed;
  /** As it was last known to be; outlives `observed`, so that a reading does not hide what somebody else did before it. */
  left?: Observed;
  /** Whether a reading found it otherwise than it was left: some may have been compared with it, everybody has to be. */
  changed?: boolean;
  /** Whether another authorization strategy was in force when it was read last. */
  unread?: boolean;
  /** Whether a problem is stored that the next reading takes back. */
  troubled?: boolean;
  /** Names of the roles that were told to be blocked there, by `roleKey`; absent where nobody looked. */
  blocked?: ReadonlyMap<string, string>;
  /** The comparison of ids under which what is stored was brought; absent where nobody looked. */
  folded?: IdStrategy;
  /** Whether ids may be there that the controller was not asked about since they were linked; absent where nobody looked. */
  unasked?: boolean;
}

/** What is known of the controller, asked for where it is not. Where another authorization strategy is in force, that is `unread`. */
export async function liveOf(
  context: SyncContext,
  controller: Controller,
  memory: Memory,
): Promise<{ capabilities: Capabilities & { readonly readAt: number }; observed: Observed }> {
  if (memory.capabilities === undefined) {
    const capabilities = await controller.probe();
    memory.capabilities = { ...capabilities, readAt: context.clock.now() };
  }
  if (memory.observed === undefined) {
    memory.observed = await controller.observe().catch((error: unknown) => withoutRoles(error, memory.capabilities!));
    const unread = memory.observed.unread !== undefined;
    const before = memory.left;
    if (!unread && (memory.unread || (before !== undefined && !sameStrategy(before, memory.observed))))
      memory.changed = true;
    if (!unread) memory.left = memory.observed;
    memory.unread = unread;
  }
  return { capabilities: memory.capabilities, observed: memory.observed };
}

/** Another authorization strategy is in force: there are no roles, and who leaves can be cut off all the same. */
function withoutRoles(error: unknown, { session, time }: Capabilities): Observed {
  unlessAnotherStrategy(error);
  return { unread: String((error as ScimError).details.reason), roles: [], session, fingerprint: '', time };
}

/** Throws a failure that is another one than that another authorization strategy is in force. */
export function unlessAnotherStrategy(error: unknown): undefined {
  if (!(error instanceof ScimError) || error.details.inForce === undefined) throw error;
}
