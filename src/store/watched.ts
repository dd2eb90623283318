import type { Clock } from '../access/ports/clock.ts';
import { isStoreOutage } from '../errors.ts';
import type { Store } from './store.ts';

/** A store that remembers when it last failed somebody. */
export interface Watched {
  /** Why it failed, if that was within so many milliseconds. */
  failedWithin(milliseconds: number): string | undefined;
}

/** The same store, watched for outages: a damaged page fails only those who need it, and a probe need not be one of them. */
export function watchedStore(store: Store, clock: Pick<Clock, 'monotonic'>): Store & Watched {
  let at = Number.NEGATIVE_INFINITY;
  let reason = '';
  const note = (error: unknown): never => {
    if (isStoreOutage(error)) {
      at = clock.monotonic();
      reason = error.message;
    }
    throw error;
  };
  return {
    ...store,
    read: (work, options) => store.read(work, options).catch(note),
    write: (work, options) => store.write(work, options).catch(note),
    failedWithin: (milliseconds) => (clock.monotonic() - at < milliseconds ? reason : undefined),
  };
}
