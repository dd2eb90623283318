import { pause, resume } from '../../src/cli/product/pausing.ts';
import { putOnHold } from '../../src/sync/lease/onHold.ts';
import { CONNECTIONS, type ConnectionName } from './configuration.ts';
import { CONTROLLERS, type ControllerName, controllerAt } from './controllers.ts';
import { look } from './look.ts';
import type { Of } from './step.ts';
import type { Walker } from './walker.ts';

// What an operator stops, and lets go on.

export async function pausing(walker: Walker, step: Of<'pause'>): Promise<void> {
  const name = controllerAt(step.on);
  if (walker.stopped.has(name) !== step.resume || walker.out.has(name)) return;
  await look(walker, true);
  await setStop(walker, name, step.resume ? undefined : step.hold ? 'on-hold' : 'paused');
  await look(walker, true);
}

async function setStop(walker: Walker, name: ControllerName, to: 'paused' | 'on-hold' | undefined): Promise<void> {
  walker.say(`${name} ${to ?? 'resumes'}`);
  if (to === undefined) walker.stopped.delete(name);
  else walker.stopped.set(name, to);
  if (to === 'on-hold') await walker.house.store.write(({ db }) => putOnHold(db, [name]));
  else await (to === undefined ? resume : pause)(parts(walker), { kind: 'controller', name });
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
  for (const name of [...walker.stopped.keys()]) await setStop(walker, name, undefined);
  for (const name of walker.oracle.paused) await setConnectionPause(walker, name, false);
}

function parts({ house }: Walker) {
  const context = house.command();
  return { store: house.store, ledger: house.ledger, context, config: house.config(), operator: 'ops' } as never;
}
