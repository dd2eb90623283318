import { P } from '../server/scim/world.ts';
import { CONTROLLERS } from './house.ts';
import type { Of } from './step.ts';
import { nameOf, type Walker } from './walker.ts';

/**
 * Somebody is called otherwise for a moment, in which they make themselves a token by that name: whether a look falls into it or not, nobody
 * can act by it in the end.
 */
export async function moment(walker: Walker, { who, how }: Of<'moment'>): Promise<void> {
  const { oracle, house } = walker;
  const person = walker.person(who);
  if (person === undefined || !oracle.counts(person)) return;
  const name = `moment${++walker.created}`;
  const attribute = how % 2 === 0 ? 'userName' : 'externalId';
  const { [attribute]: before } = person;
  const called = async (value: string | undefined): Promise<void> => {
    walker.moved(person);
    const operation =
      value === undefined ? { op: 'remove', path: attribute } : { op: 'replace', path: attribute, value };
    const body = { schemas: [P], Operations: [operation] };
    walker.expect((await walker.scim(person.connection, 'PATCH', `/Users/${person.id}`, body)).status, 200);
    Object.assign(person, { [attribute]: value });
    walker.moved(person);
  };
  walker.say(`${nameOf(person)} is ${attribute} ${name} for a moment`);
  await called(name);
  for (const controller of CONTROLLERS) {
    if (oracle.wish(controller, person) !== name) continue;
    house.practices[controller].hands.mintToken(name);
    oracle.moments[controller].set(name, person);
  }
  await called(before);
}
