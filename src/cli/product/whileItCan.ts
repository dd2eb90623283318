import type { UseCount } from '../../access/ports/useCount.ts';
import { ScimError } from '../../errors.ts';

/**
 * Counts no more once that has failed: a command looks at a controller where nothing can be written, too, and what is wrong with the
 * database is told elsewhere. The service sends nothing that it cannot count.
 */
export function whileItCan(count: UseCount): UseCount {
  let failed = false;
  return {
    async begin() {
      if (failed) return;
      await count.begin().catch((error: unknown) => {
        if (!(error instanceof ScimError)) throw error;
        failed = true;
      });
    },
    end(used) {
      if (!failed) count.end(used);
    },
  };
}
