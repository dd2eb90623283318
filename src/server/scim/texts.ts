import { breather } from '../../access/breather.ts';
import { type Projection, project } from '../../scim/projection.ts';
import { render } from '../../scim/render.ts';
import type { GroupResource, UserResource } from '../../scim/resource.ts';
import type { ScimDeps } from './deps.ts';

type Parts = Pick<ScimDeps, 'baseUrl' | 'catalogue' | 'timers'>;

/** Members that are put into words in one turn of the event loop. */
const A_TURN = 2_000;

/** Whether resources have so many members that their answer is put together in parts. */
export function isLarge(resources: readonly (UserResource | GroupResource)[]): boolean {
  let members = 0;
  for (const resource of resources) if (resource.type === 'Group') members += resource.members?.length ?? 0;
  return members > A_TURN;
}

/** A list of resources as JSON, a turn of the event loop between its parts. */
export async function listText(
  resources: readonly (UserResource | GroupResource)[],
  projection: Projection,
  parts: Parts,
): Promise<string> {
  const texts: string[] = [];
  for (const resource of resources) texts.push(await resourceText(resource, projection, parts));
  return `[${texts.join(',')}]`;
}

/** A resource as JSON, members last, a turn of the event loop between its parts. */
export async function resourceText(
  resource: UserResource | GroupResource,
  projection: Projection,
  { baseUrl, catalogue, timers }: Parts,
): Promise<string> {
  const base = baseUrl();
  const shown = (part: UserResource | GroupResource) =>
    project(part.type, render(part, base, catalogue), projection, catalogue);
  const breathe = breather(timers);
  if (resource.type === 'User' || resource.members === undefined) return JSON.stringify(shown(resource));
  const { members, ...bare } = resource;
  const pieces: string[] = [];
  for (let at = 0; at < members.length; at += A_TURN) {
    const { members: some } = shown({ ...bare, members: members.slice(at, at + A_TURN) });
    if (Array.isArray(some)) pieces.push(JSON.stringify(some).slice(1, -1));
    await breathe();
  }
  const head = JSON.stringify(shown(bare));
  return pieces.length === 0 ? head : `${head.slice(0, -1)},"members":[${pieces.join(',')}]}`;
}
