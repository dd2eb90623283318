import { P, U } from '../server/scim/world.ts';
import { BULK } from './bulk.ts';
import { CONNECTIONS, type ConnectionName } from './configuration.ts';
import { fold } from './controllers.ts';
import type { Answer } from './front.ts';
import type { Person } from './known.ts';
import { PEOPLE } from './names.ts';
import type { Of } from './step.ts';
import { nameOf, type Walker } from './walker.ts';

// Requests that meet each other, and requests of which a part fails. What came of those that were pushed again is read.

/** Two clients read somebody, and each changes what the other one has not seen: one of them is told so. */
export async function race(walker: Walker, { who, to }: Of<'race'>): Promise<void> {
  const person = walker.person(who);
  if (person === undefined) return;
  const { connection, id } = person;
  const path = `/Users/${id}`;
  const version = (await walker.scim(connection, 'GET', path)).body.meta.version as string;
  const userName = PEOPLE[to % PEOPLE.length]!;
  const other = walker.oracle.personCalled(connection, userName);
  const change = (attribute: string, value: unknown): Promise<Answer> => {
    const body = { schemas: [P], Operations: [{ op: 'replace', path: attribute, value }] };
    return walker.scim(connection, 'PATCH', path, body, version);
  };
  walker.moved(person);
  const answers = await Promise.all([change('active', !person.active), change('userName', userName)]);
  const found = [answers[0].status, answers[1].status];
  walker.say(`race about ${nameOf(person)}: active ${!person.active}, called ${userName}: ${found}`);
  const { active: wasActive, userName: before } = person;
  await read(walker, person);
  if (answers.some(({ again }) => again)) return;
  const mayBe = other === undefined || other === person ? ['200,412', '412,200'] : ['200,412', '200,409', '412,409'];
  if (!mayBe.includes(`${found}`)) throw new Error(`two changes of one version were answered ${found}`);
  const wanted = [found[0] === 200 ? !wasActive : wasActive, found[1] === 200 ? userName : before];
  if (`${[person.active, person.userName]}` !== `${wanted}`)
    throw new Error(`after ${found} somebody is ${[person.active, person.userName]} instead of ${wanted}`);
}

/** Four operations of which the second is about nobody: those behind it are done, or are not where no error is allowed. */
export async function partly(walker: Walker, { who, at, group: number, stops }: Of<'partly'>): Promise<void> {
  const connection = CONNECTIONS[at % 2]!;
  const userName = PEOPLE[who % PEOPLE.length]!;
  const group = walker.group(number);
  if (group === undefined || group.connection !== connection) return;
  const taken = walker.oracle.personCalled(connection, userName) !== undefined;
  const patch = (Operations: unknown[]) => ({ schemas: [P], Operations });
  const member = patch([{ op: 'add', path: 'members', value: [{ value: 'bulkId:new' }] }]);
  const nobody = patch([{ op: 'replace', path: 'active', value: false }]);
  const { status, body, again } = await walker.scim(connection, 'POST', '/Bulk', {
    schemas: [BULK],
    ...(stops ? { failOnErrors: 1 } : {}),
    Operations: [
      { method: 'POST', path: '/Users', bulkId: 'new', data: { schemas: [U], userName, active: true } },
      { method: 'PATCH', path: '/Users/nobody', bulkId: 'none', data: nobody },
      { method: 'PATCH', path: `/Groups/${group.id}`, bulkId: 'member', data: member },
      { method: 'DELETE', path: '/Groups/nobody', bulkId: 'gone' },
    ],
  });
  const each = body.Operations.map((operation: { status: string }) => Number(operation.status)) as number[];
  walker.say(`bulk of ${userName}, nobody and ${group.name}${stops ? ', no error allowed' : ''}: ${status} ${each}`);
  await meet(walker, connection, userName);
  const now = await walker.scim(connection, 'GET', `/Groups/${group.id}`);
  const values = ((now.body.members ?? []) as { value: string }[]).map(({ value }) => value);
  const joined = values.filter((value) => !group.members.has(value));
  group.members = new Set(values);
  if (again === true || each.some((one) => one >= 500)) return;
  const wanted = taken ? (stops ? [409] : [409, 404, 409, 404]) : stops ? [201, 404] : [201, 404, 200, 404];
  const is = each.map((one, place) => (one === 204 ? 200 : place === 2 && one >= 400 ? 409 : one));
  if (`${is}` !== `${wanted}`) throw new Error(`a bulk was answered ${each} instead of ${wanted}`);
  if (joined.length !== (wanted[2] === 200 ? 1 : 0)) throw new Error(`${joined} joined after ${each}`);
}

/** Somebody is as they are read. */
async function read(walker: Walker, person: Person): Promise<void> {
  const { body } = await walker.scim(person.connection, 'GET', `/Users/${person.id}`);
  if (person.active && body.active === false) walker.oracle.undeclare(person.id);
  person.active = body.active;
  person.userName = body.userName;
  walker.moved(person);
}

/** Somebody of this name is known from here on, where there is one. */
async function meet(walker: Walker, connection: ConnectionName, userName: string): Promise<void> {
  const filter = encodeURIComponent(`userName eq "${userName}"`);
  const { body } = await walker.scim(connection, 'GET', `/Users?filter=${filter}`);
  const [there] = body.Resources;
  if (there === undefined || walker.oracle.people.has(there.id)) return;
  if (fold(there.userName) !== fold(userName)) throw new Error(`${userName} was asked for, ${there.userName} found`);
  const person = { id: there.id, connection, userName, externalId: undefined, active: true, deleted: false };
  walker.oracle.people.set(person.id, person);
  walker.moved(person);
}

/** What the service lists is what was pushed. @throws what is otherwise */
export async function listed(walker: Walker): Promise<void> {
  const { oracle } = walker;
  for (const connection of CONNECTIONS) {
    const all = async (path: string) => (await walker.scim(connection, 'GET', `${path}?count=200`)).body.Resources;
    const people = (await all('/Users')).map((one: Listed) => [one.id, one.userName, one.externalId ?? '', one.active]);
    const mine = <T extends { readonly connection: ConnectionName; readonly deleted: boolean }>(
      list: Iterable<T>,
    ): T[] => [...list].filter((one) => one.connection === connection && !one.deleted);
    same(
      people,
      mine(oracle.people.values()).map((one) => [one.id, one.userName, one.externalId ?? '', one.active]),
    );
    const groups = (await all('/Groups')).map((one: Listed) => [
      ...[one.id, one.displayName, one.externalId ?? ''],
      ...(one.members ?? []).map(({ value }) => value).sort(),
    ]);
    same(
      groups,
      mine(oracle.groups.values()).map((one) => [one.id, one.name, one.externalId ?? '', ...[...one.members].sort()]),
    );
  }
}

interface Listed {
  readonly id: string;
  readonly userName: string;
  readonly displayName: string;
  readonly externalId?: string;
  readonly active: boolean;
  readonly members?: readonly { readonly value: string }[];
}

function same(found: readonly unknown[][], wanted: readonly unknown[][]): void {
  const text = (list: readonly unknown[][]) =>
    list
      .map((one) => one.join(' '))
      .sort()
      .join('\n');
  if (text(found) !== text(wanted)) throw new Error(`listed is\n${text(found)}\ninstead of\n${text(wanted)}`);
}
