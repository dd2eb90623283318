import { look } from './look.ts';
import { alive } from './processes.ts';
import type { Of, Step } from './step.ts';
import type { Walker } from './walker.ts';

// No process runs for a while: what came and went meanwhile is seen by nobody, and what is left of it is there all at once.

/** What can happen then. */
const ALONE: ReadonlySet<Step['do']> = new Set([
  ...(['create', 'rename', 'person-external', 'active', 'delete', 'swap', 'again'] as const),
  ...(['group', 'members', 'nest', 'rename-group', 'delete-group', 'external'] as const),
  ...(['policy', 'hand', 'restart-controller', 'time', 'moment', 'front'] as const),
]);

export async function dark(walker: Walker, { steps }: Of<'dark'>): Promise<void> {
  await look(walker, true);
  walker.say(`dark for ${steps} steps`);
  for (const running of walker.house.processes()) await walker.house.stop(running);
  walker.dark = steps;
}

/** Before a step. @returns whether it is taken */
export async function comes(walker: Walker, { do: kind }: Step): Promise<boolean> {
  if (walker.dark === 0) return true;
  if (--walker.dark > 0) return ALONE.has(kind);
  await light(walker);
  return true;
}

export async function light(walker: Walker): Promise<void> {
  walker.dark = 0;
  walker.say('light');
  alive(walker);
  await look(walker, true);
}
