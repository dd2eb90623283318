import { breather } from '../../access/breather.ts';
import type { Projection } from '../../scim/choice.ts';
import type { ListHead } from '../../scim/listResponse.ts';
import { project } from '../../scim/projection.ts';
import { render } from '../../scim/render.ts';
import type { GroupResource, UserResource } from '../../scim/resource.ts';
import { textOf } from '../../scim/text.ts';
import type { ScimDeps } from './deps.ts';
import { type Body, MEMBERS_A_PIECE, Pieces } from './pieces.ts';

type Parts = Pick<ScimDeps, 'baseUrl' | 'catalogue' | 'timers'>;

/** A resource and what is returned of it. */
export interface Shown {
  readonly resource: UserResource | GroupResource;
  readonly projection: Projection;
}

/** Whether a resource has so many members that it is put together in parts. */
export function isLarge(resource: UserResource | GroupResource): boolean {
  return resource.type === 'Group' && (resource.members?.length ?? 0) > MEMBERS_A_PIECE;
}

/** A resource as JSON, a turn of the event loop between its parts. */
export async function resourceText(shown: Shown, parts: Parts): Promise<string | Body> {
  const pieces = new Pieces(breather(parts.timers));
  await addLarge(pieces, shown, parts.baseUrl(), parts);
  return pieces.end();
}

/** A list of resources as JSON, a turn of the event loop between its parts. */
export async function listText(head: ListHead, resources: readonly Shown[], parts: Parts): Promise<string | Body> {
  const pieces = new Pieces(breather(parts.timers));
  const base = parts.baseUrl();
  let before = `${JSON.stringify(head).slice(0, -1)},"Resources":[`;
  for (const shown of resources) {
    pieces.add(before);
    const turn = (isLarge(shown.resource) ? addLarge : addSmall)(pieces, shown, base, parts);
    if (turn !== undefined) await turn;
    before = ',';
  }
  pieces.add(resources.length === 0 ? `${before}]}` : ']}');
  return pieces.end();
}

function addSmall(pieces: Pieces, { resource, projection }: Shown, base: string, { catalogue }: Parts) {
  const { members } = resource as GroupResource;
  return pieces.add(textOf(resource, projection, base, catalogue), members?.length);
}

/** Many members come last, in parts. */
async function addLarge(pieces: Pieces, { resource, projection }: Shown, base: string, { catalogue }: Parts) {
  const { members = [], ...bare } = resource as GroupResource;
  const shown = (part: GroupResource) => project('Group', render(part, base, catalogue), projection, catalogue);
  pieces.add(JSON.stringify(shown(bare)).slice(0, -1));
  let between = ',"members":[';
  for (let at = 0; at < members.length; at += MEMBERS_A_PIECE) {
    const part = members.slice(at, at + MEMBERS_A_PIECE);
    const { members: some } = shown({ ...bare, members: part });
    const text = Array.isArray(some) && some.length > 0 ? between + JSON.stringify(some).slice(1, -1) : '';
    if (text !== '') between = ',';
    await pieces.add(text, part.length);
  }
  pieces.add(between === ',' ? ']}' : '}');
}
