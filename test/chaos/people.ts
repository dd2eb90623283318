import { P, U } from '../server/scim/world.ts';
import { BULK, bulk } from './bulk.ts';
import { CONNECTIONS, type ConnectionName } from './configuration.ts';
import { fold } from './controllers.ts';
import type { Person } from './known.ts';
import { EXTERNALS, PEOPLE } from './names.ts';
import type { Of } from './step.ts';
import { nameOf, type Walker } from './walker.ts';

// What a provider does with people.

export async function create(walker: Walker, { who, at, inactive, external }: Omit<Of<'create'>, 'do'>): Promise<void> {
  const { oracle } = walker;
  const connection = CONNECTIONS[at % 2]!;
  const userName = PEOPLE[who % PEOPLE.length]!;
  const externalId = freeExternal(walker, connection, external);
  const { status, body } = await walker.scim(connection, 'POST', '/Users', {
    schemas: [U],
    userName,
    externalId,
    active: !inactive,
  });
  walker.say(`create ${userName} (${externalId}) in ${connection}: ${status} ${body?.id?.slice(-4)}`);
  walker.expect(status, oracle.personCalled(connection, userName) === undefined ? 201 : 409);
  if (status !== 201) return;
  const person = { id: body.id, connection, userName, externalId, active: !inactive, deleted: false };
  oracle.people.set(body.id, person);
  walker.moved(person);
}

/** One that nobody else of the connection has; undefined is none. */
function freeExternal(walker: Walker, connection: ConnectionName, number: number, whose?: Person): string | undefined {
  const wanted = EXTERNALS[number % EXTERNALS.length]!;
  if (wanted === '') return undefined;
  const other = walker.oracle.personWith(connection, wanted);
  return other === undefined || other === whose ? wanted : `e-${++walker.created}`;
}

/** Somebody gets another externalId, or none. */
export async function externalOf(walker: Walker, { who, to, how }: Of<'person-external'>): Promise<void> {
  const person = walker.person(who);
  if (person === undefined) return;
  const externalId = freeExternal(walker, person.connection, to, person);
  const { status } = await (how % 2 === 0
    ? put(walker, { ...person, externalId }, { userName: person.userName, active: person.active })
    : patch(walker, person, [
        externalId === undefined
          ? { op: 'remove', path: 'externalId' }
          : { op: 'replace', path: 'externalId', value: externalId },
      ]));
  walker.say(`externalId of ${nameOf(person)} ${person.externalId} becomes ${externalId}: ${status}`);
  walker.expect(status, 200);
  walker.moved(person);
  person.externalId = externalId;
  walker.moved(person);
}

export async function rename(walker: Walker, { who, to, how }: Of<'rename'>): Promise<void> {
  const person = walker.person(who);
  if (person === undefined) return;
  const userName = PEOPLE[to % PEOPLE.length]!;
  const other = walker.oracle.personCalled(person.connection, userName);
  const { status } =
    how % 2 === 0
      ? await patch(walker, person, [{ op: 'replace', path: 'userName', value: userName }])
      : await put(walker, person, { userName, active: person.active });
  walker.say(`rename ${nameOf(person)} to ${userName}: ${status}`);
  walker.expect(status, other === undefined || other === person ? 200 : 409);
  if (status !== 200) return;
  walker.moved(person);
  person.userName = userName;
  walker.moved(person);
}

export async function active(walker: Walker, { who, on, how: number }: Of<'active'>): Promise<void> {
  const person = walker.person(who);
  if (person === undefined) return;
  const how = number % 4;
  const { status, body } =
    how === 0
      ? await patch(walker, person, [spoken(walker, person, on)])
      : how === 1
        ? await patch(walker, person, [pathless(walker, person, on)])
        : how === 2
          ? await put(walker, person, { userName: person.userName, active: on })
          : await bulk(walker, person.connection, 'PATCH', `/Users/${person.id}`, {
              schemas: [P],
              Operations: [{ op: 'replace', path: 'active', value: on }],
            });
  walker.say(`${nameOf(person)} active ${on}: ${status} ${how === 3 ? body?.Operations?.[0]?.status : ''}`);
  walker.expect(status, 200);
  if (person.active !== on) walker.moved(person);
  person.active = on;
  if (!on) walker.oracle.undeclare(person.id);
}

export async function remove(walker: Walker, { who, how }: Omit<Of<'delete'>, 'do'>): Promise<void> {
  const { oracle } = walker;
  const person = walker.person(who);
  if (person === undefined) return;
  const { status } =
    how % 2 === 0
      ? await walker.scim(person.connection, 'DELETE', `/Users/${person.id}`)
      : await bulk(walker, person.connection, 'DELETE', `/Users/${person.id}`);
  walker.say(`delete ${nameOf(person)}: ${status}`);
  walker.expect(status, how % 2 === 0 ? 204 : 200);
  walker.moved(person);
  person.deleted = true;
  person.active = false;
  for (const group of oracle.groups.values()) group.members.delete(person.id);
}

/** Deleted, and made anew by the same name. */
export async function again(walker: Walker, { who }: Of<'again'>): Promise<void> {
  const person = walker.person(who);
  if (person === undefined || !PEOPLE.includes(person.userName)) return;
  await remove(walker, { who, how: 0 });
  const at = CONNECTIONS.indexOf(person.connection);
  const external = EXTERNALS.indexOf(person.externalId ?? '');
  await create(walker, { who: PEOPLE.indexOf(person.userName), at, inactive: false, external: Math.max(0, external) });
}

/** Two people exchange their names in one request. */
export async function swap(walker: Walker, { who, with: other }: Of<'swap'>): Promise<void> {
  const one = walker.person(who);
  const two = walker.person(other);
  if (one === undefined || two === undefined || one === two || one.connection !== two.connection) return;
  const [a, b] = [one.userName, two.userName];
  if (fold(a) === fold(b)) return;
  const called = (person: Person, userName: string, bulkId: string) => ({
    ...{ method: 'PATCH', path: `/Users/${person.id}`, bulkId },
    data: { schemas: [P], Operations: [{ op: 'replace', path: 'userName', value: userName }] },
  });
  const { status, body } = await walker.scim(one.connection, 'POST', '/Bulk', {
    schemas: [BULK],
    Operations: [called(one, 'meanwhile', '1'), called(two, a, '2'), called(one, b, '3')],
  });
  const each = body.Operations.map((operation: { status: string }) => operation.status);
  walker.say(`swap ${nameOf(one)} and ${nameOf(two)}: ${status} ${each}`);
  for (const person of [one, two]) walker.moved({ ...person, userName: 'meanwhile' });
  [one.userName, two.userName] = [b, a];
  for (const person of [one, two]) walker.moved(person);
}

/** How the provider says whether somebody is active. */
function spoken({ profiles }: Walker, { connection }: Person, on: boolean) {
  const isEntra = profiles[connection] === 'entra';
  return isEntra
    ? { op: 'Replace', path: 'active', value: on ? 'True' : 'False' }
    : { op: 'replace', path: 'active', value: on };
}

/** Without a path, where the dialect knows that. */
function pathless({ profiles }: Walker, { connection }: Person, on: boolean) {
  return profiles[connection] === 'interop'
    ? { op: 'replace', path: 'active', value: on }
    : { op: 'Replace', value: { active: on } };
}

function patch(walker: Walker, { connection, id }: Person, Operations: unknown[]) {
  return walker.scim(connection, 'PATCH', `/Users/${id}`, { schemas: [P], Operations });
}

function put(
  walker: Walker,
  { connection, id, externalId }: Person,
  attributes: { userName: string; active: boolean },
) {
  return walker.scim(connection, 'PUT', `/Users/${id}`, { schemas: [U], externalId, ...attributes });
}
