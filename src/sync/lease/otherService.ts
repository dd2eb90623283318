import type { Capabilities } from '../../access/ports/controller.ts';
import type { SyncContext } from '../state/context.ts';

/** So long after its last write another service is taken to be at work still, unless the controller was started again. */
const LATELY_MS = 86_400_000;

/** When another service wrote there last, where that was lately; milliseconds since the epoch by the controller's clock. Pure. */
export function otherServiceLately({
  otherWriters,
  time,
}: Pick<Capabilities, 'otherWriters' | 'time'>): number | undefined {
  const last = Math.max(-Infinity, ...otherWriters);
  return last > time - LATELY_MS ? last : undefined;
}

/** Two services with directories of their own take back what the other does, each time for good reasons. */
export function tellOtherService(
  { log }: Pick<SyncContext, 'log'>,
  controller: string,
  capabilities: Pick<Capabilities, 'otherWriters' | 'time'>,
): void {
  const last = otherServiceLately(capabilities);
  if (last === undefined) return;
  const at = new Date(last).toISOString();
  log.warn('another service with keys of its own works on a controller', { controller, lastWriteAt: at });
}
