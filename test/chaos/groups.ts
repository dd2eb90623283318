import { G, P } from '../server/scim/world.ts';
import { bulk } from './bulk.ts';
import { CONNECTIONS, type ConnectionName } from './configuration.ts';
import type { Group } from './known.ts';
import { look } from './look.ts';
import { GROUPS } from './names.ts';
import type { Of } from './step.ts';
import { nameOf, type Walker } from './walker.ts';

// What a provider does with groups. Where a name begins or ends to mean a group, all is looked at before and after: what was met
// when is for the oracle to know.

export async function group(walker: Walker, step: Of<'group'>): Promise<void> {
  const { oracle } = walker;
  await look(walker, false);
  const connection = CONNECTIONS[step.at % 3 === 2 ? 1 : 0]!;
  const displayName = GROUPS[step.name % GROUPS.length]!;
  const members = walker.several(step.members, connection);
  const externalId = freeExternal(walker, connection, step.at);
  const { status, body } = await walker.scim(connection, 'POST', '/Groups', {
    schemas: [G],
    displayName,
    externalId,
    members: members.map(({ id }) => ({ value: id })),
  });
  walker.say(
    `group ${displayName} ${externalId ?? ''} in ${connection} of ${members.map(nameOf)}: ${status} ${body?.id?.slice(-4)}`,
  );
  walker.expect(status, oracle.groupCalled(connection, displayName) === undefined ? 201 : 409);
  if (status === 201)
    oracle.groups.set(body.id, {
      id: body.id,
      connection,
      name: displayName,
      externalId,
      members: new Set(members.map(({ id }) => id)),
      deleted: false,
    });
  await look(walker, false);
}

/** One that no other group of the connection has; twins have tests of their own. */
function freeExternal({ oracle }: Walker, connection: ConnectionName, number: number): string | undefined {
  const wanted = [undefined, 'x1', 'x2', 'x3'][number % 4];
  return wanted === undefined || oracle.groupWith(connection, wanted) !== undefined ? undefined : wanted;
}

/** A group gets another externalId, or none. */
export async function external(walker: Walker, step: Of<'external'>): Promise<void> {
  await look(walker, false);
  const group = walker.group(step.group);
  if (group === undefined) return;
  const externalId = freeExternal(walker, group.connection, step.to);
  const { status } = await walker.scim(group.connection, 'PATCH', `/Groups/${group.id}`, {
    schemas: [P],
    Operations: [
      externalId === undefined
        ? { op: 'remove', path: 'externalId' }
        : { op: 'replace', path: 'externalId', value: externalId },
    ],
  });
  walker.say(`externalId of ${group.name} ${group.id.slice(-4)} ${group.externalId} becomes ${externalId}: ${status}`);
  isDone(walker, status);
  group.externalId = externalId;
  await look(walker, false);
}

const HOW = ['add', 'remove', 'remove', 'put', 'bulk add', 'silent put'] as const;

export async function members(walker: Walker, step: Of<'members'>): Promise<void> {
  const group = walker.group(step.group);
  if (group === undefined) return;
  const how = step.how % HOW.length;
  const isRemoval = how === 1 || how === 2;
  const inside = walker.several(step.who, group.connection, isRemoval ? group.members : undefined);
  const who = inside.length > 0 ? inside : walker.several(step.who, group.connection);
  const ids = who.map(({ id }) => id);
  if (ids.length === 0 && how !== 3 && how !== 5) return;
  const status = await sent(walker, group, ids, how);
  walker.say(`members of ${group.name} (${group.id.slice(-4)}) ${HOW[how]} ${who.map(nameOf)}: ${status}`);
  isDone(walker, status);
  if (how === 3) group.members = new Set(ids);
  // Who writes groups whole says so that nobody is left; with the others the members stay.
  else if (how === 5) {
    if (walker.profiles[group.connection] === 'whole') group.members.clear();
  } else for (const id of ids) isRemoval ? group.members.delete(id) : group.members.add(id);
}

/** Sends a change of members in one of the ways of `HOW`. @returns the status */
async function sent(walker: Walker, group: Group, ids: readonly string[], how: number): Promise<number> {
  const { connection, name: displayName, externalId } = group;
  const path = `/Groups/${group.id}`;
  const values = ids.map((value) => ({ value }));
  const patch = (...Operations: unknown[]) => ({ schemas: [P], Operations });
  const add = patch({ op: 'add', path: 'members', value: values });
  switch (how) {
    case 0:
      return (await walker.scim(connection, 'PATCH', path, add)).status;
    case 1: {
      const each = ids.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` }));
      return (await walker.scim(connection, 'PATCH', path, patch(...each))).status;
    }
    case 2: {
      const all = patch({ op: 'remove', path: 'members', value: values });
      return (await walker.scim(connection, 'PATCH', path, all)).status;
    }
    case 3:
      return (await walker.scim(connection, 'PUT', path, { schemas: [G], displayName, externalId, members: values }))
        .status;
    case 5:
      return (await walker.scim(connection, 'PUT', path, { schemas: [G], displayName, externalId })).status;
    default:
      return (await bulk(walker, connection, 'PATCH', path, add)).status;
  }
}

export async function nest(walker: Walker, step: Of<'nest'>): Promise<void> {
  const group = walker.group(step.group);
  const into = walker.group(step.into);
  if (group === undefined || into === undefined || group === into || group.connection !== into.connection) return;
  const operation = step.out
    ? { op: 'remove', path: `members[value eq "${group.id}"]` }
    : { op: 'add', path: 'members', value: [{ value: group.id }] };
  const { status } = await walker.scim(group.connection, 'PATCH', `/Groups/${into.id}`, {
    schemas: [P],
    Operations: [operation],
  });
  walker.say(
    `${step.out ? 'un-nest' : 'nest'} ${group.name} ${group.id.slice(-4)} in ${into.name} ${into.id.slice(-4)}: ${status}`,
  );
  isDone(walker, status);
  if (step.out) into.members.delete(group.id);
  else {
    into.members.add(group.id);
    into.hadNested = true;
  }
}

export async function renameGroup(walker: Walker, step: Of<'rename-group'>): Promise<void> {
  const { oracle } = walker;
  await look(walker, false);
  const group = walker.group(step.group);
  if (group === undefined) return;
  const displayName = GROUPS[step.to % GROUPS.length]!;
  const other = oracle.groupCalled(group.connection, displayName);
  const { status } =
    step.how % 2 === 0
      ? await walker.scim(group.connection, 'PATCH', `/Groups/${group.id}`, {
          schemas: [P],
          Operations: [{ op: 'replace', path: 'displayName', value: displayName }],
        })
      : await walker.scim(group.connection, 'PUT', `/Groups/${group.id}`, {
          schemas: [G],
          displayName,
          externalId: group.externalId,
          members: [...group.members].map((value) => ({ value })),
        });
  walker.say(`rename group ${group.name} ${group.id.slice(-4)} to ${displayName}: ${status}`);
  isDone(walker, status, other === undefined || other === group ? 200 : 409);
  if (status < 300) group.name = displayName;
  await look(walker, false);
}

export async function deleteGroup(walker: Walker, step: Of<'delete-group'>): Promise<void> {
  const { oracle } = walker;
  await look(walker, false);
  const group = walker.group(step.group);
  if (group === undefined) return;
  const { status } = await walker.scim(group.connection, 'DELETE', `/Groups/${group.id}`);
  walker.say(`delete group ${group.name} ${group.id.slice(-4)}: ${status}`);
  walker.expect(status, 204);
  group.last = oracle.membersOf(group);
  group.deleted = true;
  for (const other of oracle.groups.values()) other.members.delete(group.id);
  await look(walker, false);
}

/** A change of a group is answered with it or with nothing, as the profile has it. */
function isDone(walker: Walker, status: number, wanted = 200): void {
  walker.expect(status === 204 ? 200 : status, wanted);
}
