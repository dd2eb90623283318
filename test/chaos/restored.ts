import { systemTimers } from '../../src/cli/edge.ts';
import { resume } from '../../src/cli/product/pausing.ts';
import { G, U } from '../server/scim/world.ts';
import { foreignOn } from './compare.ts';
import { CONNECTIONS, type ConnectionName } from './configuration.ts';
import { CONTROLLERS, type ControllerName, each, foldOn, isGuarded } from './controllers.ts';
import { type Group, type Person, ROLES } from './known.ts';
import { atRest } from './rest.ts';
import { idOf, roleOf } from './standing.ts';
import type { Of } from './step.ts';
import { LOSSES, waitsOn } from './waits.ts';
import type { Walker } from './walker.ts';

/** A backup is made that is put back when the walk is over. */
export async function backup(walker: Walker, { copied, hasty }: Of<'backup'>): Promise<void> {
  if (walker.house.backups === undefined) return;
  walker.say('backup');
  walker.backup = { file: await walker.house.backups.make(), copied, hasty };
}

/**
 * The backup is put back: nothing happens until `resume`, whoever pushes what; then everybody has what is theirs, who left has nothing, nobody
 * who is in no group has what they had not, and what the database does not know is nobody's fault.
 */
export async function restored(walker: Walker): Promise<void> {
  const { house, standing, oracle, backup } = walker;
  if (backup === undefined || house.backups === undefined) return;
  const { file, copied, hasty } = backup;
  walker.say(
    `the backup is put back${copied ? ' by hand' : ''}${hasty ? ', and resumed before the provider pushes' : ''}`,
  );
  for (const running of house.processes()) await house.stop(running);
  await house.backups.putBack(file, copied);
  // Whom an operator cut since is known where the command puts back, and nowhere else.
  const isLeft = (one: Person): boolean => (copied ? !one.active || one.deleted : !oracle.counts(one));
  const people = [...oracle.people.values()];
  const left = new Set(people.filter(isLeft).map(({ id }) => id));
  const lifted = new Set(people.filter((one) => !oracle.counts(one) && !isLeft(one)));
  const print = (): string =>
    CONTROLLERS.map(
      (name) => `${house.practices[name].look.saves} ${[...standing.entries(name).keys()].sort()}`,
    ).join();
  const before = print();
  const had = each((name) => new Set(standing.entries(name).keys()));
  const { holder } = house.spawn(1).context;
  // Before the provider says anew what is, and after it.
  for (const push of hasty ? [async () => {}] : [async () => {}, pushedAgain]) {
    await push(walker);
    house.time.forward(20 * 60_000);
    await looksAround(walker, holder.name);
    if (print() !== before) throw new Error(`on hold since a restore, and changed: ${before} became ${print()}`);
  }
  const parts = { store: house.store, ledger: house.ledger, context: house.command(), config: house.config() };
  await resume({ ...parts, operator: 'ops' } as never, { kind: 'all' });
  await atRest(walker, true);
  if (hasty) {
    // What it pushes goes by names that nobody is called by.
    for (const running of house.processes()) await house.stop(running);
    await pushedAgain(walker);
    house.spawn(1);
    await atRest(walker, true);
  }
  await atRest(walker, true);
  const problems: string[] = [];
  // What low ceilings hold of all that comes at once is for other walks.
  const judged = standing.tight ? [] : CONTROLLERS;
  for (const name of judged) {
    problems.push(...(await afterwards(walker, name, left)));
    // Who has which id, and what names meant when it was resumed, is another story then.
    if (!hasty) problems.push(...(await lost(walker, name)), ...(await given(walker, name, had[name], lifted)));
  }
  if (problems.length > 0) throw new Error(`\nafter a restore:\n${problems.join('\n')}`);
  await house.ledger.seal();
  await house.ledger.verify();
}

/** Whoever has to have something has it, as before. */
async function lost({ standing }: Walker, name: ControllerName): Promise<string[]> {
  const problems: string[] = [];
  const waits = await waitsOn(standing, name);
  const there = standing.entries(name);
  // A role that came after the backup is there by hand, for all that the database knows.
  const foreign = await foreignOn(standing, name, ROLES);
  for (const [key, { must, kept, rules }] of standing.wanted[name])
    if (
      !foreign.has(roleOf(key)) &&
      must &&
      rules.size > 0 &&
      kept.size === 0 &&
      !there.has(key) &&
      waits.by('grant', key) === undefined
    )
      problems.push(`${name}: ${key} is not there, and nothing holds it`);
  return problems;
}

/** What somebody has now, had not before, and neither a rule nor a group gives. */
async function given(
  walker: Walker,
  name: ControllerName,
  had: ReadonlySet<string>,
  lifted: ReadonlySet<Person>,
): Promise<string[]> {
  const { standing, oracle } = walker;
  const waits = await waitsOn(standing, name);
  const back = new Set([...lifted].map((one) => oracle.wish(name, one)));
  return [...standing.entries(name).keys()].flatMap((key) =>
    had.has(key) ||
    standing.wanted[name].has(key) ||
    isInGroup(walker, name, idOf(key)) ||
    isGuarded(idOf(key)) ||
    back.has(idOf(key)) ||
    waits.isHeld('revoke', key, LOSSES)
      ? []
      : [`${name}: ${key} is there, was not, and no rule gives it`],
  );
}

/** Whoever is in a group may have what that gave by a name that it had when the backup was made. */
function isInGroup({ oracle }: Walker, name: ControllerName, id: string): boolean {
  const owner = oracle.ownerOf(name, id);
  if (owner === undefined || !oracle.counts(owner)) return false;
  return [...oracle.groups.values()].some((one) => (one.last ?? oracle.membersOf(one)).has(owner.id));
}

/** Until this process has every controller, and a while longer. */
async function looksAround({ house }: Walker, holder: string): Promise<void> {
  const taken = (): Promise<unknown[]> =>
    house.store.read((db) => db.selectFrom('leases').select('fence').where('holder', '=', holder).execute());
  while ((await taken()).length < CONTROLLERS.length) await systemTimers.sleep(10);
  for (let turn = 0; turn < TURNS; turn++) {
    await systemTimers.sleep(10);
    house.time.forward(1_000);
  }
}

const TURNS = 60;

/** What is ours and wanted no more is gone, and who left has nothing. */
async function afterwards(
  { house, standing, oracle }: Walker,
  name: ControllerName,
  left: ReadonlySet<string>,
): Promise<string[]> {
  const problems: string[] = [];
  const waits = await waitsOn(standing, name);
  const there = standing.entries(name);
  const rows = await house.store.read((db) =>
    db.selectFrom('entries').selectAll().where('controller', '=', name).where('standing', '=', 'owned').execute(),
  );
  for (const { role_name, sid, desired, verified } of rows)
    if (desired === 0 && verified === 1 && !waits.isHeld('revoke', `${role_name} ${foldOn(name, sid)}`, LOSSES))
      problems.push(`${name}: ${role_name} of ${sid} is ours, nobody wants it, and it stands`);
  const known = await house.store.read((db) =>
    db.selectFrom('claims').select(['folded_id', 'person', 'state']).where('controller', '=', name).execute(),
  );
  const current = new Set(known.flatMap(({ folded_id, state }) => (state === 'current' ? [folded_id] : [])));
  const leaving = new Set(known.flatMap(({ folded_id, state }) => (state === 'leaving' ? [folded_id] : [])));
  if (waits.leavers) return problems;
  for (const id of leaving) {
    if (isGuarded(id) || current.has(id)) continue;
    const entries = [...there.keys()].filter((key) => idOf(key) === id);
    const { tokens, sshKeys } = house.practices[name].look.person(id);
    if (entries.length + tokens + sshKeys > 0)
      problems.push(`${name}: ${id} is nobody's any more and has ${entries}, ${tokens} tokens`);
  }
  for (const { person, state, folded_id } of known)
    if (state === 'current' && left.has(person) && !oracle.isPaused(oracle.people.get(person)!))
      problems.push(`${name}: ${folded_id} is ${oracle.people.get(person)?.userName}'s, who left`);
  return problems;
}

/** The provider finds a service that knows what was, and pushes what is. */
async function pushedAgain(walker: Walker): Promise<void> {
  const ids = new Map<string, string>();
  for (const connection of CONNECTIONS) {
    await peopleAgain(walker, connection, ids);
    await groupsAgain(walker, connection, ids);
  }
}

async function listOf(walker: Walker, connection: ConnectionName, path: string): Promise<string[]> {
  const { body } = await walker.scim(connection, 'GET', `${path}?count=200`);
  return body.Resources.map(({ id }: { id: string }) => id);
}

async function peopleAgain(walker: Walker, connection: ConnectionName, ids: Map<string, string>): Promise<void> {
  const there = await listOf(walker, connection, '/Users');
  const mine = [...walker.oracle.people.values()].filter((one) => one.connection === connection && !one.deleted);
  const put = (id: string, { externalId, active }: Person, userName: string) =>
    walker.scim(connection, 'PUT', `/Users/${id}`, { schemas: [U], userName, externalId, active });
  for (const id of there) {
    const person = walker.oracle.people.get(id);
    if (person === undefined || person.deleted)
      walker.expect((await walker.scim(connection, 'DELETE', `/Users/${id}`)).status, 204);
    // Names may have gone round since.
    else walker.expect((await put(id, person, `again-${id}`)).status, 200);
  }
  for (const person of mine) {
    const { userName, externalId, active } = person;
    if (there.includes(person.id)) walker.expect((await put(person.id, person, userName)).status, 200);
    else {
      const body = { schemas: [U], userName, externalId, active };
      const made = await walker.scim(connection, 'POST', '/Users', body);
      walker.expect(made.status, 201);
      ids.set(person.id, made.body.id);
    }
  }
}

async function groupsAgain(walker: Walker, connection: ConnectionName, ids: Map<string, string>): Promise<void> {
  const there = await listOf(walker, connection, '/Groups');
  const mine = [...walker.oracle.groups.values()].filter((one) => one.connection === connection && !one.deleted);
  const bodyOf = ({ name: displayName, externalId, members }: Group, name = displayName) => ({
    ...{ schemas: [G], displayName: name, externalId },
    members: [...members].map((value) => ({ value: ids.get(value) ?? value })),
  });
  for (const id of there) {
    const group = walker.oracle.groups.get(id);
    if (group === undefined || group.deleted)
      walker.expect((await walker.scim(connection, 'DELETE', `/Groups/${id}`)).status, 204);
  }
  for (const group of mine.filter(({ id }) => !there.includes(id))) {
    const made = await walker.scim(connection, 'POST', '/Groups', {
      ...bodyOf(group),
      displayName: `new-${group.id}`,
      members: [],
    });
    walker.expect(made.status, 201);
    ids.set(group.id, made.body.id);
  }
  const put = (group: Group, name?: string) =>
    walker.scim(connection, 'PUT', `/Groups/${ids.get(group.id) ?? group.id}`, bodyOf(group, name));
  for (const group of mine) walker.expect((await put(group, `again-${group.id}`)).status, 200);
  for (const group of mine) walker.expect((await put(group)).status, 200);
}
