import { P } from '../server/scim/world.ts';
import { BULK } from './bulk.ts';
import type { Of } from './step.ts';
import { nameOf, type Walker } from './walker.ts';

/** Somebody has a token for people alone, or for groups alone, and asks for what it may not do: nothing of that is done, the rest is. */
export async function scopes(walker: Walker, { who, group: number, how }: Of<'scopes'>): Promise<void> {
  const person = walker.person(who);
  const group = walker.group(number);
  if (person === undefined || group === undefined || group.connection !== person.connection) return;
  const { connection } = person;
  const patch = (op: string, path: string, value: unknown) => ({ schemas: [P], Operations: [{ op, path, value }] });
  const leave = { path: `/Users/${person.id}`, data: patch('replace', 'active', false) };
  const join = { path: `/Groups/${group.id}`, data: patch('add', 'members', [{ value: person.id }]) };
  const mine = how % 2 === 0 ? 'users' : 'groups';
  walker.say(`by a token for ${mine}: ${nameOf(person)} leaves, and joins ${group.name} ${group.id.slice(-4)}`);
  const by = { connection, token: mine } as const;
  const { path, data } = mine === 'users' ? join : leave;
  if (how % 4 < 2) {
    const { status } = await walker.asked({ ...by, method: 'PATCH', path, body: data });
    return walker.expect(status, 403);
  }
  const Operations = [leave, join].map((one) => ({ method: 'PATCH', ...one }));
  const bulk = async (): Promise<string[]> => {
    const asked = { ...by, method: 'POST', path: '/Bulk', body: { schemas: [BULK], Operations } } as const;
    const { status, body } = await walker.asked(asked);
    walker.expect(status, 200);
    return (body.Operations as { status: string }[]).map((one) => (one.status === '204' ? '200' : one.status));
  };
  const once = await bulk();
  // The answer to its commit was lost: it is asked again, as the provider does.
  const each = once.some((one) => Number(one) >= 500) ? await bulk() : once;
  const wanted = mine === 'users' ? ['200', '403'] : ['403', '200'];
  if (`${each}` !== `${wanted}`) throw new Error(`a bulk by a token for ${mine} was answered ${each}`);
  if (mine === 'groups') group.members.add(person.id);
  else walker.left(person);
}
