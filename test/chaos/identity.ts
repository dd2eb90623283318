import { CEILINGS } from './configuration.ts';
import { CONTROLLERS, controllerAt } from './controllers.ts';
import { look } from './look.ts';
import { carriedOut } from './operators.ts';
import { alive } from './processes.ts';
import type { Of } from './step.ts';
import { nameOf, type Walker } from './walker.ts';

// What an operator says of ids.

/** The attribute that is the id is edited, which counts for nothing until an operator applies it; or it is applied. */
export async function identity(walker: Walker, { on, apply }: Of<'identity'>): Promise<void> {
  const { house, oracle } = walker;
  const name = controllerAt(on);
  if (!walker.running) return;
  await look(walker, true);
  if (!apply || walker.identities[name] === oracle.identity[name]) {
    const next = walker.identities[name] === 'userName' ? 'externalId' : 'userName';
    walker.say(`${name} identity ${next}`);
    walker.identities = { ...walker.identities, [name]: next };
    house.setIdentities(walker.identities);
    for (const running of house.processes()) await house.stop(running);
    alive(walker);
    await look(walker, true);
  }
  if (apply && walker.identities[name] !== oracle.identity[name]) {
    walker.losses.forget();
    walker.say(`apply on ${name}, where the identity is edited`);
    oracle.identity[name] = walker.identities[name];
    // An older database would wait for this word anew.
    walker.backup = undefined;
    for (const person of oracle.people.values()) walker.moved(person);
    const answer = await carriedOut(walker, name, { kind: 'apply' });
    walker.say(`  answered ${JSON.stringify(answer)}`);
  }
  await look(walker, true);
}

/** The other connection is the primary one, by the file: its people have the ids that people of both ask for. */
export async function primary(walker: Walker): Promise<void> {
  const { house, oracle } = walker;
  if (!walker.running) return;
  await look(walker, true);
  oracle.primary = oracle.primary === 'okta' ? 'entra' : 'okta';
  walker.say(`${oracle.primary} is primary`);
  for (const person of oracle.people.values()) walker.moved(person);
  house.setPrimary(oracle.primary);
  for (const running of house.processes()) await house.stop(running);
  alive(walker);
  await look(walker, true);
}

/** Other ceilings, by the file: what waited before goes on waiting. */
export async function ceilings(walker: Walker, { to }: Of<'ceilings'>): Promise<void> {
  const { house, standing } = walker;
  const next = CEILINGS[to % CEILINGS.length]!;
  if (next === walker.ceilings) return;
  await look(walker, true);
  walker.say(`ceilings are ${next}`);
  walker.ceilings = next;
  standing.tight ||= next !== 'loose';
  house.setCeilings(next);
  for (const running of house.processes()) await house.stop(running);
  alive(walker);
  walker.losses.forget();
  await look(walker, true);
}

/** Ids of somebody who left are given free, whatever is owed there. */
export async function releaseId(walker: Walker, { who }: Of<'release-id'>): Promise<void> {
  const { house, oracle, standing } = walker;
  const gone = [...oracle.people.values()].filter((person) => !oracle.counts(person));
  const person = gone[who % Math.max(1, gone.length)];
  if (person === undefined || !walker.running) return;
  await look(walker, true);
  for (const name of CONTROLLERS) {
    const owed = (await standing.waiting(name)).filter((one) => one.person === person.id);
    walker.say(`leaver --release-id ${nameOf(person)} on ${name}: ${owed.map(({ id }) => id)}`);
    if (owed.length > 0) oracle.freed.add(person.id);
    for (const { id } of owed) standing.givenFree[name].add(id);
    await carriedOut(walker, name, { kind: 'release-id', person: person.id });
  }
  house.time.forward(1);
  await look(walker, true);
}
