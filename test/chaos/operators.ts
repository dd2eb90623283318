import { systemTimers } from '../../src/cli/edge.ts';
import { declareLeaver } from '../../src/cli/product/declareLeaver.ts';
import { rejectHeld } from '../../src/cli/product/held.ts';
import { liftLeaver } from '../../src/cli/product/liftLeaver.ts';
import { watchedStore } from '../../src/store/watched.ts';
import { adopt as adoptEntries, disown as disownAll } from '../../src/sync/orders/adoption.ts';
import { ask, type Order } from '../../src/sync/orders/commands.ts';
import { assess } from '../../src/sync/pass/assess.ts';
import { liveOf } from '../../src/sync/state/memory.ts';
import { MODES, type Mode } from './configuration.ts';
import { CONTROLLERS, type ControllerName, controllerAt, isGuarded } from './controllers.ts';
import { look } from './look.ts';
import { alive } from './processes.ts';
import type { Of } from './step.ts';
import { waitsOn } from './waits.ts';
import { nameOf, type Walker } from './walker.ts';

// What an operator sets and orders.

export async function mode(walker: Walker, { on, to }: Of<'mode'>): Promise<void> {
  await look(walker, true);
  await setMode(walker, controllerAt(on), MODES[to % MODES.length]!);
  await look(walker, true);
}

export async function setMode(walker: Walker, name: ControllerName, to: Mode): Promise<void> {
  const { house } = walker;
  if (walker.modes[name] === to) return;
  walker.say(`${name} mode ${to}`);
  walker.modes = { ...walker.modes, [name]: to };
  house.setModes(walker.modes);
  for (const running of house.processes()) await house.stop(running);
  house.spawn(1);
}

/** Something that waits is released or rejected. */
export async function held(walker: Walker, { which, reject }: Of<'held'>): Promise<void> {
  const { house, oracle } = walker;
  await look(walker, false);
  const rows = await house.store.read((db) =>
    db.selectFrom('held').selectAll().where('state', '=', 'held').orderBy('digest').execute(),
  );
  if (rows.length === 0) return;
  const { digest, controller } = rows[which % rows.length]!;
  if (!reject && !walker.works(controller as ControllerName)) return;
  walker.say(`${reject ? 'reject' : 'release'} ${digest.slice(0, 8)} on ${controller}`);
  if (reject) {
    const parts = { store: watchedStore(house.store, house.time), ledger: house.ledger, operator: 'ops' };
    await rejectHeld(parts, digest);
  } else {
    oracle.released = true;
    walker.losses.forget();
    const answer = await carriedOut(walker, controller, { kind: 'apply', allowLoss: digest });
    walker.say(`  answered ${JSON.stringify(answer)}`);
  }
  await look(walker, true);
  oracle.released = false;
}

/** `leaver USER --now`, or `--lift`. */
export async function now(walker: Walker, { who, lift, hasty }: Of<'now'>): Promise<void> {
  const { house, oracle } = walker;
  const person = walker.person(who);
  const reached = walker.known.filter((name) => walker.reads(name));
  if (person === undefined || oracle.paused.size > 0 || !reached.every((name) => walker.works(name))) return;
  if (!hasty) await look(walker, true);
  walker.say(`leaver ${lift ? '--lift' : '--now'} ${nameOf(person)}`);
  const parts = { store: house.store, ledger: house.ledger, context: house.command(), operator: 'ops' } as never;
  if (lift) {
    if (!(await liftLeaver(parts, person.id))) return;
    oracle.declared.delete(person.id);
    // A copy of before does not know of it.
    if (walker.backup !== undefined) walker.backup = { ...walker.backup, copied: false };
  } else if (person.active) {
    await declareLeaver(parts, { id: person.id, active: true });
    oracle.declared.add(person.id);
    oracle.everDeclared.add(person.id);
  }
  walker.moved(person);
  const ids = reached.map((name) => oracle.claims[name].get(person.id));
  for (const name of reached) await carriedOut(walker, name, { kind: lift ? 'sync' : 'leaver', person: person.id });
  await look(walker, false);
  if (oracle.declared.has(person.id))
    for (const [at, name] of reached.entries()) await requireCut(walker, name, ids[at]);
}

/** Past every ceiling, but not where nobody else could administer then. */
async function requireCut({ standing, oracle }: Walker, name: ControllerName, id: string | undefined): Promise<void> {
  if (id === undefined || isGuarded(id) || oracle.ownerOf(name, id) !== undefined) return;
  const { reasons } = await waitsOn(standing, name);
  if (!reasons.has('last-administrator') && standing.has(name, id) !== ' 0 0')
    throw new Error(`${name}: ${id} was to leave now, and has ${standing.has(name, id)}`);
}

export async function adopt(walker: Walker): Promise<void> {
  const { house, standing } = walker;
  await look(walker, true);
  for (const name of CONTROLLERS) house.troubled[name].next.length = 0;
  walker.say('adopt');
  const context = house.command();
  const policy = await context.policy.current();
  for (const name of CONTROLLERS.filter((one) => !house.troubled[one].down && !walker.out.has(one))) {
    const config = context.config.controllers.find((one) => one.name === name)!;
    const live = await liveOf(context, context.controller(name), {});
    const options = { by: 'operator', identity: 'applied', policy } as const;
    await adoptEntries(context, await assess(context, config, live, 'all', options), undefined);
    standing.adopted(name, walker.works(name));
  }
  await look(walker, true);
}

/** Nothing there is ours any more. */
export async function disown(walker: Walker): Promise<void> {
  const { house, standing } = walker;
  await look(walker, true);
  walker.say('disown');
  for (const name of CONTROLLERS) {
    await disownAll(house.command(), name, undefined);
    standing.disowned(name);
  }
  await look(walker, true);
}

/** Orders as a command does, while processes may die. */
export async function carriedOut(walker: Walker, controller: string, order: Order): Promise<unknown> {
  for (let tries = 0; ; tries++) {
    const answer = await askedOnce(walker, controller, order);
    if (tries === 3 || (answer as { error?: unknown }).error === undefined) return answer;
    walker.say(`  answered ${JSON.stringify(answer)}: once more`);
  }
}

async function askedOnce(walker: Walker, controller: string, order: Order): Promise<unknown> {
  const { house } = walker;
  const { clock, random, markOrder } = house.command();
  let over = false;
  const answer = ask(
    { clock, random, markOrder, store: house.store as never, timers: systemTimers },
    controller,
    order,
    600_000,
  ).finally(() => {
    over = true;
  });
  while (!over) {
    alive(walker);
    await systemTimers.sleep(10);
    house.time.forward(500);
  }
  return answer;
}
