import type { Step } from '../../plan/step.ts';
import type { Pending } from '../pace/distribute.ts';
import type { SyncContext } from '../state/context.ts';

/** Ids in one line: a line stays readable, and an id is found whatever came with it. */
const TOGETHER = 100;

/** Ids of the requests that pushed what the steps come from, each once: those the marks name and those of the reasons. */
export function requestsOf(pending: readonly Pick<Pending, 'request'>[], steps: readonly Step[] = []): string[] {
  const marked = pending.map(({ request }) => request);
  const reasons = steps.flatMap((step) => step.reasons.map(({ request }) => request));
  return [...new Set([...marked, ...reasons])].filter((id): id is string => typeof id === 'string');
}

/** Tells one thing under the ids of all requests behind it, in as many lines as that takes. */
export function tellUnder(
  { log }: Pick<SyncContext, 'log'>,
  message: string,
  requests: readonly string[],
  fields: Record<string, unknown>,
): void {
  for (let at = 0; at === 0 || at < requests.length; at += TOGETHER) {
    const part = requests.slice(at, at + TOGETHER);
    log.info(message, part.length === 0 ? fields : { ...fields, requests: part });
  }
}

/** What is told of a call before and after it. */
interface Call {
  readonly controller: string;
  readonly intent: string;
  readonly kind: 'batch' | 'cut';
  readonly steps: readonly Step[];
}

interface Ended {
  readonly verified: number;
  readonly failed: number;
  readonly stopped?: { readonly kind: string };
}

/**
 * Tells of a call of a controller under the ids of the requests it answers. The marks of the whole pass are named: a run of
 * several is not worth telling apart, and a loss has no reason left that could name its request.
 */
export async function traced<T extends Ended>(
  context: Pick<SyncContext, 'log' | 'clock'>,
  { controller, intent, kind, steps }: Call,
  pending: readonly Pending[],
  call: () => Promise<T>,
): Promise<T> {
  const requests = requestsOf(pending, steps);
  const begun = context.clock.monotonic();
  const told = { controller, intent, kind };
  const ended = (fields: Record<string, unknown>): void => {
    const milliseconds = Math.round(context.clock.monotonic() - begun);
    tellUnder(context, 'controller call ended', requests, { ...told, ...fields, milliseconds });
  };
  tellUnder(context, 'controller call', requests, { ...told, steps: steps.length });
  try {
    const result = await call();
    const { verified, failed, stopped } = result;
    ended({ outcome: stopped?.kind ?? 'done', verified, failed });
    return result;
  } catch (error) {
    ended({ outcome: 'failed' });
    throw error;
  }
}
