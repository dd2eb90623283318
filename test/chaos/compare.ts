import { type ControllerName, isGuarded } from './controllers.ts';
import { definitions } from './definitions.ts';
import { ROLES, type Wanted } from './known.ts';
import { idOf, roleOf, type Standing, typeOf } from './standing.ts';
import { GAINS, LOSSES, type Waits, waitsOn } from './waits.ts';

const NONE: ReadonlySet<string> = new Set();

/** One controller as it is looked at: what stands there, what has to, what waits. */
interface Sight {
  readonly standing: Standing;
  readonly name: ControllerName;
  readonly there: ReadonlyMap<string, number>;
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly waits: Waits;
  /** Roles made by hand that were not adopted. */
  readonly foreign: ReadonlySet<string>;
  /** Ids that nobody has any more. */
  readonly gone: ReadonlySet<string>;
}

/** What is otherwise than it has to be; `settled`: hands did nothing since the last whole look. */
export async function compare(
  standing: Standing,
  name: ControllerName,
  settled: boolean,
  whole: boolean,
): Promise<string[]> {
  const { oracle } = standing;
  const told = await standing.told(name);
  const current = new Set(told.values());
  // What somebody gave up in one set with whoever has it by now is theirs, though it waits.
  const waiting = (await standing.waiting(name)).filter(
    ({ id, person, cause }) => !oracle.freed.has(person) && !(cause === 'old-id' && current.has(id)),
  );
  oracle.claim(name, new Map(waiting.map(({ id, person }) => [id, person])), told);
  const there = standing.entries(name);
  const wanted = oracle.wanted(name, (role, id) => {
    const key = `${role} ${id}`;
    if (!there.has(key)) return undefined;
    return standing.byHand[name].has(key) ? 'theirs' : 'ours';
  });
  standing.wanted[name] = wanted;
  if (!settled && standing.edited[name]) return [];
  const waits = await waitsOn(standing, name);
  const foreign = await foreignOn(standing, name);
  // What the policy does not define is not made where it is not there.
  const isThere = standing.house.practices[name].look.roles('item').some((one) => one.name === 'qa');
  for (const [key, wants] of wanted)
    if (foreign.has(roleOf(key)) || (roleOf(key) === 'qa' && !isThere)) wants.must = false;
  const sight = { standing, name, there, wanted, waits, foreign, gone: new Set(oracle.goneIds(name)) };
  return [
    ...lacking(sight),
    ...excess(sight),
    ...taken(sight),
    ...(whole || !standing.edited[name] ? acting(sight) : []),
    ...credentials(sight),
    ...definitions(standing, name, there, waits),
    ...standing.thawed(name),
  ];
}

/** What is lacking where nothing is ever taken away: what waits for a loss there waits, too. */
export async function added(standing: Standing, name: ControllerName, settled: boolean): Promise<string[]> {
  await compare(standing, name, false, false);
  if (!settled && standing.edited[name]) return [];
  const there = standing.entries(name);
  const waits = await waitsOn(standing, name);
  const wanted = new Map([...standing.wanted[name]].filter(([key]) => waits.by('grant', key) === undefined));
  for (const role of await foreignOn(standing, name))
    for (const [key, wants] of wanted) if (roleOf(key) === role) wants.must = false;
  return lacking({ standing, name, there, wanted, waits, foreign: new Set(), gone: new Set() });
}

/** @param made roles that hands may have made; absent: those that hands made in the walk */
export async function foreignOn(
  { house, handRoles }: Standing,
  name: ControllerName,
  made: Iterable<string> = handRoles[name],
): Promise<Set<string>> {
  const byHand = new Set(made);
  const { look } = house.practices[name];
  const owned = await house.store.read((db) =>
    db.selectFrom('owned_roles').select('role_name').where('controller', '=', name).execute(),
  );
  return new Set(
    ROLES.filter(
      (role) =>
        role !== 'qa' &&
        byHand.has(role) &&
        look.roles(typeOf(role)).some((one) => one.name === role) &&
        !owned.some((one) => one.role_name === role),
    ),
  );
}

/** What a rule gives and is not there. */
function lacking({ standing: { tight }, name, there, wanted, waits }: Sight): string[] {
  return [...wanted].flatMap(([key, { must, rules, kept }]) =>
    must && !there.has(key) && !waits.isHeld('grant', key, tight ? GAINS : NONE)
      ? [`${name}: ${key} is not there, by ${[...rules, ...kept]}; ${waits.by('grant', key) ?? 'nothing'} holds it`]
      : [],
  );
}

/** What stands there and must not. */
function excess({ standing, name, there, wanted, waits, foreign, gone }: Sight): string[] {
  const problems: string[] = [];
  const byHand = standing.byHand[name];
  for (const [key, count] of there) {
    const id = idOf(key);
    if (count > 1 && !standing.either[name].has(key) && !standing.both[name].has(key))
      problems.push(`${name}: ${key} stands there ${count} times`);
    if (foreign.has(roleOf(key)) && !byHand.has(key) && !standing.owned[name].has(key))
      problems.push(`${name}: ${key} was put into a role made by hand`);
    if (standing.givenFree[name].has(id) || standing.isFrozen(name, id)) continue;
    if (wanted.has(key) || isGuarded(id) || (id === 'bot' && /^(auditor|examiner) /.test(key))) continue;
    if (waits.isHeld('revoke', key, LOSSES)) continue;
    const by = waits.by('revoke', key);
    if (gone.has(id)) {
      // What hands give while the connection of whoever had the id is paused is nobody's before it is resumed.
      const isByHand = byHand.has(key) || standing.either[name].has(key);
      const isLater = standing.oracle.paused.size > 0 && isByHand;
      if (!waits.leavers && !waits.isKept(id) && !isLater)
        problems.push(`${name}: ${key} stands there though nobody is called so any more`);
    } else if (
      standing.isExclusive(roleOf(key))
        ? !foreign.has(roleOf(key))
        : !byHand.has(key) && !standing.either[name].has(key) && !standing.both[name].has(key)
    )
      problems.push(`${name}: ${key} stands there, no rule gives it${by === undefined ? '' : `, held by ${by}`}`);
  }
  return problems;
}

/** What hands made and nobody may take. */
function taken({ standing, name, there, wanted, gone }: Sight): string[] {
  const { byHand, oracle } = standing;
  return [...byHand[name]].flatMap((key) =>
    !there.has(key) &&
    !gone.has(idOf(key)) &&
    !standing.unsure[name].has(key) &&
    !oracle.asked(name).has(idOf(key)) &&
    !wanted.has(key) &&
    !standing.isExclusive(roleOf(key))
      ? [`${name}: ${key} was made by hand and is gone`]
      : [],
  );
}

/** Whoever is gone and can still act. */
function acting({ standing, name, waits, gone }: Sight): string[] {
  if (waits.leavers) return [];
  const { moments } = standing.oracle;
  const brief = [...moments[name]].flatMap(([id, person]) =>
    standing.oracle.isPaused(person) || standing.oracle.ownerOf(name, id) !== undefined ? [] : [id],
  );
  if (standing.oracle.paused.size === 0) standing.meanwhile[name].clear();
  return [...gone, ...brief].flatMap((id) => {
    if (standing.meanwhile[name].has(id) || waits.isKept(id)) return [];
    const { tokens, sshKeys, sshSessions } = standing.house.practices[name].look.person(id);
    return tokens + sshKeys + sshSessions > 0
      ? [`${name}: ${id} can still act with ${tokens} tokens though nobody is called so any more`]
      : [];
  });
}

/** Credentials of those who stay are left to them. */
function credentials({ standing, name }: Sight): string[] {
  return [...standing.credentials[name]].flatMap(([id, { tokens, safe }]) => {
    const known = standing.house.practices[name].look.person(id).tokens;
    return safe && standing.isEntitled(name, id) && known !== tokens
      ? [`${name}: ${id} has ${known} tokens instead of ${tokens}`]
      : [];
  });
}
