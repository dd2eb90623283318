import { detach } from '../../src/sync/orders/detach.ts';
import { CONTROLLERS, type ControllerName, controllerAt } from './controllers.ts';
import { look } from './look.ts';
import { alive } from './processes.ts';
import type { Of } from './step.ts';
import type { Walker } from './walker.ts';

/** A controller is taken out of the file, an operator lets go of it, or it is there again. */
export async function configured(walker: Walker, { on, back, letGo }: Of<'configured'>): Promise<void> {
  const name = controllerAt(on);
  const { out } = walker;
  if (back !== out.has(name) || (!back && out.size === CONTROLLERS.length - 1)) return;
  await look(walker, true);
  if (back) await putBack(walker, name);
  else {
    walker.say(`${name} is taken out of the configuration`);
    out.set(name, 'waits');
    await restarted(walker);
    if (letGo) await detached(walker, name);
  }
  await look(walker, true);
}

/** An operator lets go of a controller that was taken out. */
export async function letGo(walker: Walker, { on }: Of<'let-go'>): Promise<void> {
  const waiting = [...walker.out].flatMap(([name, how]) => (how === 'waits' ? [name] : []));
  const name = waiting[on % Math.max(1, waiting.length)];
  if (name === undefined) return;
  await look(walker, true);
  await detached(walker, name);
  await look(walker, true);
}

/** All controllers are in the file. */
export async function allConfigured(walker: Walker): Promise<void> {
  for (const name of [...walker.out.keys()]) await putBack(walker, name);
}

async function putBack(walker: Walker, name: ControllerName): Promise<void> {
  walker.say(`${name} is put back into the configuration`);
  walker.out.delete(name);
  walker.needsWhole = true;
  await restarted(walker);
}

/** Each process reads the file when it starts. An older database says otherwise of the controller: that is for other tests. */
async function restarted(walker: Walker): Promise<void> {
  const { house } = walker;
  walker.backup = undefined;
  house.setOut(new Set(walker.out.keys()));
  for (const running of house.processes()) await house.stop(running);
  alive(walker);
}

async function detached(walker: Walker, name: ControllerName): Promise<void> {
  const { house, oracle, standing } = walker;
  walker.say(`controller detach ${name}`);
  walker.out.set(name, 'let-go');
  await detach(house.command(), name);
  standing.disowned(name);
  oracle.let(name);
  for (const id of oracle.everClaimed[name]) standing.moved(name, id);
}
