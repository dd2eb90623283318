import { pause, resume } from '../../src/cli/product/pausing.ts';
import { CONNECTIONS, CONTROLLERS, type ConnectionName } from './house.ts';
import { look } from './look.ts';
import type { Of } from './step.ts';
import type { Walker } from './walker.ts';

// What an operator stops, and lets go on.

export async function pausing(walker: Walker, step: Of<'pause'>): Promise<void> {
  await look(walker, true);
  await setPause(walker, !step.resume);
  await look(walker, true);
}

async function setPause(walker: Walker, on: boolean): Promise<void> {
  walker.say(on ? 'pause ci' : 'resume ci');
  walker.paused = on;
  await (on ? pause : resume)(parts(walker), { kind: 'controller', name: 'ci' });
}

export async function pausingConnection(walker: Walker, { at, resume: up }: Of<'pause-connection'>): Promise<void> {
  const name = CONNECTIONS[at % 2]!;
  if (walker.oracle.paused.has(name) !== up) return;
  await look(walker, true);
  await setConnectionPause(walker, name, !up);
  await look(walker, true);
}

async function setConnectionPause(walker: Walker, name: ConnectionName, on: boolean): Promise<void> {
  const { oracle, standing } = walker;
  walker.say(`${on ? 'pause' : 'resume'} connection ${name}`);
  await (on ? pause : resume)(parts(walker), { kind: 'connection', name });
  if (on) oracle.paused.add(name);
  else oracle.paused.delete(name);
  for (const controller of CONTROLLERS) standing.freeze(controller);
}

/** Whatever was stopped goes on. */
export async function resumeAll(walker: Walker): Promise<void> {
  if (walker.paused) await setPause(walker, false);
  for (const name of walker.oracle.paused) await setConnectionPause(walker, name, false);
}

function parts({ house }: Walker) {
  const context = house.command();
  return { store: house.store, ledger: house.ledger, context, config: house.config(), operator: 'ops' } as never;
}
