import type { Running } from './house.ts';
import type { Of } from './step.ts';
import type { Walker } from './walker.ts';

// Processes of the service: they die, restart, and there may be two.

/** The first process that lives; one is started where none does. */
export function alive({ house, say }: Walker): Running {
  const living = house.processes();
  const awake = living.find(({ life }) => !life.frozen);
  if (awake !== undefined) return awake;
  const [first] = living;
  if (first !== undefined) {
    say('  thaws');
    first.life.thaw();
    return first;
  }
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

/** Who hears the provider dies amid one of the next requests, or one of their commits is done and nobody is told. */
export function front({ house, say }: Walker, { after, lose }: Of<'front'>): void {
  say(lose ? 'the answer to the next commit is lost' : `what hears the provider dies after ${after} steps`);
  if (lose) house.loseCommit();
  else house.endFront(after + 1);
}

/** The first process stands still while another one takes over, and goes on later as if nothing had been; or it goes on. */
export async function freeze({ house, say }: Walker, { on }: Of<'freeze'>): Promise<void> {
  const running = house.processes();
  if (!on) {
    say('what is frozen thaws');
    for (const { life } of running) life.thaw();
    return;
  }
  const [first] = running;
  if (first === undefined || running.some(({ life }) => life.frozen)) return;
  if (running.length < 2) house.spawn(freeSlot(house));
  say(`${first.context.holder.name} is frozen`);
  first.life.freeze();
}

export async function second({ house, say }: Walker, { on }: Of<'second'>): Promise<void> {
  const running = house.processes();
  say(`second replica ${on}`);
  if (on && running.length < 2) house.spawn(freeSlot(house));
  if (!on && running.length > 1) await house.stop(running[1]!);
}
