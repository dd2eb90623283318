import type { Capabilities, Controller, Observed } from '../../access/ports/controller.ts';
import type { IdStrategy } from '../../access/principal.ts';
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
  /** Whether a problem is stored that the next reading takes back. */
  troubled?: boolean;
  /** Names of the roles that were told to be blocked there, by `roleKey`; absent where nobody looked. */
  blocked?: ReadonlyMap<string, string>;
  /** The comparison of ids under which what is stored was brought; absent where nobody looked. */
  folded?: IdStrategy;
  /** Whether ids may be there that the controller was not asked about since they were linked; absent where nobody looked. */
  unasked?: boolean;
}

/** What is known of the controller, asked for where it is not. */
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
    memory.observed = await controller.observe();
    if (memory.left !== undefined && !sameStrategy(memory.left, memory.observed)) memory.changed = true;
    memory.left = memory.observed;
  }
  return { capabilities: memory.capabilities, observed: memory.observed };
}
