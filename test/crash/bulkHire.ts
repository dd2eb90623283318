import { BULK } from '../chaos/bulk.ts';
import type { Walker } from '../chaos/walker.ts';
import { G, U } from '../server/scim/world.ts';

const USER = { userName: 'fay', externalId: 'f1', active: true };
const GROUP = 'qa';

/**
 * Somebody and a group with them, in one request whose parts refer to each other. Asked again, the provider finds what was made, and makes
 * what was not. @throws where half of a part was made
 */
export async function bulkHire(walker: Walker): Promise<void> {
  const { oracle } = walker;
  const post = (path: string, bulkId: string, data: object) => ({ method: 'POST', path, bulkId, data });
  const answer = await walker.scim('okta', 'POST', '/Bulk', {
    schemas: [BULK],
    Operations: [
      post('/Groups', 'group', { schemas: [G], displayName: GROUP, members: [{ value: 'bulkId:fay' }] }),
      post('/Users', 'fay', { schemas: [U], ...USER }),
    ],
  });
  walker.expect(answer.status, 200);
  const found = async (path: string, filter: string) => {
    const { body } = await walker.scim('okta', 'GET', `${path}?filter=${encodeURIComponent(filter)}`);
    return body.Resources[0];
  };
  const { id } = await found('/Users', 'userName eq "fay"');
  const person = { ...USER, id, connection: 'okta' as const, deleted: false };
  oracle.people.set(id, person);
  walker.moved(person);
  const members = [{ value: id }];
  const made = await found('/Groups', `displayName eq "${GROUP}"`);
  if (made !== undefined && made.members?.[0]?.value !== id) throw new Error(`a group without its members was made`);
  const group =
    made ?? (await walker.scim('okta', 'POST', '/Groups', { schemas: [G], displayName: GROUP, members })).body;
  const known = { id: group.id, connection: 'okta' as const, name: GROUP, externalId: undefined };
  oracle.groups.set(group.id, { ...known, members: new Set([id]), deleted: false });
  walker.say(`bulk made ${id.slice(-4)} and ${group.id.slice(-4)}`);
}
