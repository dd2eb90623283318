import type { Step } from './step.ts';

/** What went wrong in a walk, with what it did until then. */
export interface Failure {
  readonly steps: readonly Step[];
  readonly error: Error;
  readonly did: readonly string[];
}

/** Leaves out what a failure does not need, larger parts first, for a while. @returns the shortest walk that fails likewise */
export async function shrunk(
  failure: Failure,
  again: (steps: readonly Step[]) => Promise<Failure | undefined>,
  mayGoOn: () => boolean,
): Promise<Failure> {
  let best = failure;
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; ) {
    let shorter: Failure | undefined;
    for (let at = 0; at < best.steps.length && shorter === undefined; at += size) {
      if (!mayGoOn()) return best;
      const found = await again([...best.steps.slice(0, at), ...best.steps.slice(at + size)]);
      if (found !== undefined && kindOf(found) === kindOf(failure)) shorter = found;
    }
    if (shorter !== undefined) best = shorter;
    else size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return best;
}

/** The beginning of the message without ids, names and numbers. */
function kindOf({ error }: Failure): string {
  const [first = ''] = error.message.trim().split('\n');
  return first.replace(/[0-9a-f-]{30,}|\b(ci|cd|ana|bo|cy|dee|eve|bot|pay|web|\d+)\b/g, '').slice(0, 60);
}
