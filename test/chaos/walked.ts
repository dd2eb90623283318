import type { Failure } from './shrunk.ts';
import type { Step } from './step.ts';
import { walk } from './walk.ts';

/** Takes a walk in a house of its own. @returns what failed, and what was done until then */
export async function walked(list: readonly Step[]): Promise<Failure | undefined> {
  const after: (() => unknown)[] = [];
  const did: string[] = [];
  try {
    await walk({ after: (run) => void after.unshift(run) }, list, (line) => void did.push(line));
    return undefined;
  } catch (error) {
    return { steps: list, error: error as Error, did };
  } finally {
    for (const run of after) await run();
  }
}

/** What to look at, and how to take the same walk again. */
export function failed({ did, error, steps }: Failure, seed: number): Error {
  return new Error(`CHAOS_SEED=${seed}\n${did.join('\n')}\n${error.message}\n${JSON.stringify(steps)}`, {
    cause: error,
  });
}
