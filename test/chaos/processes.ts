import type { Running } from './house.ts';
import type { Of } from './step.ts';
import type { Walker } from './walker.ts';

// Processes of the service: they die, restart, and there may be two.

/** The first process that lives; one is started where none does. */
export function alive({ house, say }: Walker): Running {
  const [first] = house.processes();
  if (first !== undefined) return first;
  say('  a process starts');
  return house.spawn(freeSlot(house));
}

function freeSlot(house: Walker['house']): 1 | 2 {
  return house.processes().some(({ context }) => context.holder.name.startsWith('process-1')) ? 2 : 1;
}

export function kill({ house, say }: Walker, { after }: Of<'kill'>): void {
  const [running] = house.processes();
  if (running === undefined) return;
  say(`${running.context.holder.name} dies after ${after} steps`);
  running.life.endAfter(after);
}

export async function restart(walker: Walker): Promise<void> {
  const [running] = walker.house.processes();
  walker.say('restart');
  if (running !== undefined) await walker.house.stop(running);
  alive(walker);
}

export async function second({ house, say }: Walker, { on }: Of<'second'>): Promise<void> {
  const running = house.processes();
  say(`second replica ${on}`);
  if (on && running.length < 2) house.spawn(freeSlot(house));
  if (!on && running.length > 1) await house.stop(running[1]!);
}
