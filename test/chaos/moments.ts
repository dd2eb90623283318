import { P, U } from '../server/scim/world.ts';
import { CONNECTIONS } from './configuration.ts';
import { CONTROLLERS } from './controllers.ts';
import type { Person } from './known.ts';
import type { Of } from './step.ts';
import { nameOf, type Walker } from './walker.ts';

/**
 * Somebody is called otherwise for a moment, or is made by names that do not stay, and makes themselves a token meanwhile: whether a look
 * falls into it or not, nobody can act by it in the end.
 */
export async function moment(walker: Walker, { who, how }: Of<'moment'>): Promise<void> {
  const name = `moment${++walker.created}`;
  if (how % 3 === 2) return born(walker, name, who);
  const person = walker.person(who);
  if (person === undefined || !walker.oracle.counts(person)) return;
  const attribute = how % 3 === 0 ? 'userName' : 'externalId';
  const { [attribute]: before } = person;
  walker.say(`${nameOf(person)} is ${attribute} ${name} for a moment`);
  await called(walker, person, { [attribute]: name });
  mint(walker, person, name);
  await called(walker, person, { [attribute]: before });
}

async function born(walker: Walker, name: string, at: number): Promise<void> {
  const connection = CONNECTIONS[at % 2]!;
  const body = { schemas: [U], userName: name, externalId: name, active: true };
  const made = await walker.scim(connection, 'POST', '/Users', body);
  walker.say(`create ${name} in ${connection}, who is called otherwise soon: ${made.status}`);
  walker.expect(made.status, 201);
  const person: Person = {
    ...{ id: made.body.id as string, connection, userName: name, externalId: name },
    ...{ active: true, deleted: false },
  };
  walker.oracle.people.set(person.id, person);
  walker.moved(person);
  mint(walker, person, name);
  await called(walker, person, { userName: `${name}-later`, externalId: undefined });
}

/** They make a token wherever the name is theirs; what a controller that is not configured hears of is not the service's. */
function mint({ oracle, house, out }: Walker, person: Person, name: string): void {
  for (const controller of CONTROLLERS) {
    if (out.has(controller) || oracle.wish(controller, person) !== name) continue;
    house.practices[controller].hands.mintToken(name);
    oracle.moments[controller].set(name, person);
  }
}

type Names = { readonly [K in 'userName' | 'externalId']?: string | undefined };

async function called(walker: Walker, person: Person, names: Names): Promise<void> {
  walker.moved(person);
  const Operations = Object.entries(names).map(([path, value]) =>
    value === undefined ? { op: 'remove', path } : { op: 'replace', path, value },
  );
  const { status } = await walker.scim(person.connection, 'PATCH', `/Users/${person.id}`, { schemas: [P], Operations });
  walker.expect(status, 200);
  Object.assign(person, names);
  walker.moved(person);
}
