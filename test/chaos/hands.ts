import type { Practice } from '../../src/practice/controller.ts';
import { type ControllerName, controllerAt, foldOn, isGuarded } from './controllers.ts';
import { ROLES } from './known.ts';
import { PEOPLE } from './names.ts';
import { idOf, type Standing, typeOf } from './standing.ts';
import type { Of } from './step.ts';
import type { Walker } from './walker.ts';

/** Somebody edits a controller past the service: entries, definitions, tokens, the page that assigns roles. */
export function hand(walker: Walker, { on, edit, who: number, role: roleNumber }: Of<'hand'>): void {
  const name = controllerAt(on);
  const who = PEOPLE[number % PEOPLE.length]!;
  const { standing } = walker;
  standing.house.practices[name].hands.writable(true);
  const before = standing.entries(name);
  const there = rolesThere(standing, name);
  const role = there[roleNumber % Math.max(1, there.length)];
  const done = EDITS[edit % EDITS.length]!({ standing, name, who, there, role });
  walker.say(`hand on ${name}: ${done ?? 'nothing'}`);
  walker.needsWhole = true;
  walker.losses.forget(name);
  if (done === undefined || done === OPENED) return;
  const after = standing.entries(name);
  for (const entry of after.keys()) if (!before.has(entry)) standing.unsure[name].delete(entry);
  for (const entry of standing.unsaved[name]) standing.unsure[name].add(entry);
  for (const entry of after.keys())
    if (!before.has(entry)) (standing.owned[name].has(entry) ? standing.either : standing.byHand)[name].add(entry);
  // A second spelling of what stands there: of two one may be ours.
  for (const [entry, count] of after)
    if (before.has(entry) && count > before.get(entry)!) standing.either[name].add(entry);
  for (const entry of before.keys()) if (!after.has(entry)) standing.byHand[name].delete(entry);
  for (const entry of new Set([...before.keys(), ...after.keys()]))
    if (before.has(entry) !== after.has(entry)) standing.frozen[name].delete(idOf(entry));
  standing.handled(name);
}

/** What an edit is about; `role` is one of those that are there. */
interface Edit {
  readonly standing: Standing;
  readonly name: ControllerName;
  readonly who: string;
  readonly there: readonly string[];
  readonly role: string | undefined;
}

function rolesThere({ house }: Standing, name: ControllerName): string[] {
  const { look } = house.practices[name];
  return ROLES.filter((role) => look.roles(typeOf(role)).some((one) => one.name === role));
}

function grant({ standing, name, who, role }: Edit): string | undefined {
  if (role === undefined) return undefined;
  standing.house.practices[name].hands.grant({ type: typeOf(role), name: role }, who);
  return `grant ${role} to ${who}`;
}

/** For people and groups of that name alike. */
function grantBoth({ standing, name, who, role }: Edit): string | undefined {
  if (role === undefined) return undefined;
  standing.house.practices[name].hands.grant({ type: typeOf(role), name: role }, who, 'either');
  standing.both[name].add(`${role} ${foldOn(name, who)}`);
  return `grant ${role} to whoever and whatever is called ${who}`;
}

function grantGroup({ standing, name, role }: Edit): string | undefined {
  if (role === undefined) return undefined;
  standing.house.practices[name].hands.grant({ type: typeOf(role), name: role }, 'crew', 'group');
  return `grant ${role} to the group crew`;
}

function revoke({ standing, name, who, role }: Edit): string | undefined {
  if (role === undefined || isGuarded(foldOn(name, who))) return undefined;
  const { hands, look } = standing.house.practices[name];
  const held = look.holders(role).filter((id) => foldOn(name, id) === foldOn(name, who));
  for (const id of held) hands.revoke({ type: typeOf(role), name: role }, id);
  return `revoke ${role} of ${held}`;
}

/** In memory alone: it is gone after a restart, unless something is saved before. */
function grantUnsaved({ standing, name, who, role }: Edit): string | undefined {
  if (role === undefined) return undefined;
  standing.house.practices[name].hands.unsavedGrant({ type: typeOf(role), name: role }, who);
  standing.unsaved[name].add(`${role} ${foldOn(name, who)}`);
  return `grant ${role} to ${who}, unsaved`;
}

const mintToken = (edit: Edit): string | undefined => minted(edit, 'mintToken');
const legacyToken = (edit: Edit): string | undefined => minted(edit, 'legacyToken');

function minted({ standing, name, who }: Edit, how: 'mintToken' | 'legacyToken'): string | undefined {
  const id = foldOn(name, who);
  if (isGuarded(id)) return undefined;
  const { oracle } = standing;
  standing.house.practices[name].hands[how](who);
  standing.frozen[name].delete(id);
  const known = standing.credentials[name].get(id) ?? { tokens: 0, safe: false };
  const owner = oracle.ownerOf(name, id);
  const isHeld = owner !== undefined && standing.isEntitled(name, id) && !oracle.touched.has(owner.id);
  const safe = (known.tokens === 0 || known.safe) && isHeld;
  standing.made(name, id);
  standing.credentials[name].set(id, { tokens: known.tokens + 1, safe });
  return `${how} of ${who} ${safe}`;
}

function openSsh({ standing, name, who }: Edit): string | undefined {
  if (isGuarded(foldOn(name, who))) return undefined;
  const { hands } = standing.house.practices[name];
  hands.addSshKey(who);
  hands.openSshSession(who);
  standing.frozen[name].delete(foldOn(name, who));
  standing.made(name, foldOn(name, who));
  return `an SSH key of ${who}, and a connection`;
}

/** All records of users are kept, or are as they were then: whoever left has their tokens back. */
function users({ standing, name }: Edit): string | undefined {
  const kept = standing.records[name];
  if (kept === undefined) {
    standing.records[name] = standing.house.practices[name].hands.usersBackup();
    return 'records of users kept';
  }
  delete standing.records[name];
  kept.putBack();
  for (const known of standing.credentials[name].values()) known.safe = false;
  standing.frozen[name].clear();
  for (const id of standing.oracle.everClaimed[name]) standing.made(name, id);
  return 'records of users put back';
}

/** Its disk cannot be written, until it is looked at. */
function fillDisk({ standing, name }: Edit): string {
  standing.house.practices[name].hands.writable(false);
  return 'disk is full';
}

/** Another strategy says who may do what, until it is looked at. */
function changeStrategy({ standing, name }: Edit): string {
  standing.house.practices[name].hands.useStrategy('hudson.security.FullControlOnceLoggedInAuthorizationStrategy');
  return 'another strategy';
}

/** All that hands broke works again. */
export function mended({ hands }: Practice): void {
  hands.writable(true);
  hands.useStrategy();
}

function redefine({ standing, name, role }: Edit): string | undefined {
  if (role === undefined || role === 'qa' || role === 'administrator') return undefined;
  const { hands, look } = standing.house.practices[name];
  const found = look.roles(typeOf(role)).find((one) => one.name === role)!;
  const permissions = [...found.permissions, 'hudson.model.Item.Configure'];
  hands.defineRole({ type: typeOf(role), name: role, pattern: found.pattern, permissions });
  return `redefine ${role}`;
}

function narrow({ standing, name, role }: Edit): string | undefined {
  if (role === undefined || role === 'qa') return undefined;
  const { hands, look } = standing.house.practices[name];
  const { pattern, permissions } = look.roles(typeOf(role)).find((one) => one.name === role)!;
  hands.defineRole({ type: typeOf(role), name: role, pattern, permissions: permissions.slice(1) });
  return `narrow ${role}`;
}

function moveRole({ standing, name, role }: Edit): string | undefined {
  if (role === undefined || role === 'qa' || typeOf(role) === 'global') return undefined;
  const { hands, look } = standing.house.practices[name];
  const { permissions } = look.roles(typeOf(role)).find((one) => one.name === role)!;
  hands.defineRole({ type: typeOf(role), name: role, pattern: 'elsewhere/.*', permissions });
  return `${role} is elsewhere`;
}

/** The role that no policy defines: it is deleted, or made anew. */
function existing({ standing, name, there }: Edit): string {
  const { hands } = standing.house.practices[name];
  if (there.includes('qa')) hands.deleteRole({ type: 'item', name: 'qa' });
  else hands.defineRole({ type: 'item', name: 'qa', pattern: 'qa/.*', permissions: ['hudson.model.Item.Read'] });
  return there.includes('qa') ? 'delete qa' : 'define qa';
}

function deleteRole({ standing, name, role }: Edit): string | undefined {
  if (role === undefined || role === 'qa') return undefined;
  standing.house.practices[name].hands.deleteRole({ type: typeOf(role), name: role });
  return `delete ${role}`;
}

function define({ standing, name, there }: Edit): string | undefined {
  const free = ['pay-developer', 'web-developer', 'auditor'].find((one) => !there.includes(one));
  if (free === undefined) return undefined;
  standing.house.practices[name].hands.defineRole({
    type: typeOf(free),
    name: free,
    pattern: typeOf(free) === 'global' ? '.*' : 'x/.*',
    permissions: ['hudson.model.Item.Read'],
  });
  standing.handRoles[name].add(free);
  return `define ${free}`;
}

/** Nothing is changed by it yet. */
const OPENED = 'page opened';

function openPage({ standing, name }: Edit): string {
  standing.pages[name] = standing.house.practices[name].hands.assignRolesPage();
  return OPENED;
}

/** Saves everything as it was when the page was opened. */
function savePage({ standing: { pages }, name }: Edit): string | undefined {
  if (pages[name] === undefined) return undefined;
  pages[name].save();
  delete pages[name];
  return 'page saved';
}

const EDITS = [
  grant,
  grant,
  revoke,
  revoke,
  mintToken,
  redefine,
  deleteRole,
  openPage,
  savePage,
  define,
  grantBoth,
  grantGroup,
  grantUnsaved,
  legacyToken,
  openSsh,
  users,
  users,
  fillDisk,
  changeStrategy,
  narrow,
  moveRole,
  existing,
] as const;
