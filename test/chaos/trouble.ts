import { controllerAt } from './controllers.ts';
import { look } from './look.ts';
import type { Of } from './step.ts';
import { TROUBLES } from './troubled.ts';
import type { Walker } from './walker.ts';

// What happens to controllers by itself, and time.

const HOUR = 3_600_000;

export function trouble({ house, say }: Walker, step: Of<'trouble'>): void {
  const name = controllerAt(step.on);
  const kinds = step.kinds.map((kind) => TROUBLES[kind % TROUBLES.length]!);
  say(`${name} will fail: ${kinds}`);
  house.troubled[name].next.push(...kinds);
}

export async function restartController(walker: Walker, { on }: Of<'restart-controller'>): Promise<void> {
  const name = controllerAt(on);
  walker.say(`${name} restarts`);
  await walker.house.practices[name].hands.restart();
  walker.standing.restarted(name);
  walker.needsWhole = true;
}

/** A controller is down until it is up again. */
export async function down(walker: Walker, step: Of<'down'>): Promise<void> {
  const name = controllerAt(step.on);
  const down = !step.up;
  if (walker.house.troubled[name].down === down) return;
  await look(walker, true);
  walker.say(`${name} is ${down ? 'down' : 'up'}`);
  walker.house.troubled[name].down = down;
  walker.needsWhole = true;
  await look(walker, true);
}

/** Somebody sets everybody's clocks back, or right again: no time passes by it. */
export async function clock(walker: Walker, { back }: Of<'clock'>): Promise<void> {
  if (walker.house.time.behind > 0 === back) return;
  await look(walker, true);
  setClock(walker, back ? 2 * HOUR : 0);
  await look(walker, true);
}

export function setClock({ house, oracle, say }: Walker, behind: number): void {
  if (house.time.behind === behind) return;
  say(`clocks are ${behind} ms behind`);
  house.time.behind = behind;
  oracle.doubted = house.time.monotonic();
}

export async function time(walker: Walker, step: Of<'time'>): Promise<void> {
  const by = [61_000, 2 * HOUR, 25 * HOUR][step.by % 3]!;
  walker.say(`${by} ms later`);
  await look(walker, false);
  walker.house.time.forward(by);
  walker.needsWhole = true;
  await look(walker, true);
}
