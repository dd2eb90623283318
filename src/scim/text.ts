import type { Projection } from './choice.ts';
import { etag } from './etag.ts';
import { groupText } from './groupWords.ts';
import { project } from './projection.ts';
import { render } from './render.ts';
import type { GroupResource, UserResource } from './resource.ts';
import { type Catalogue, STANDARD } from './schemas/catalogue.ts';
import { shapeOf } from './shape.ts';

/**
 * The part of a resource that is returned, as JSON. The groups of a person are most of it, and the same few thousand over and over:
 * where they are shown whole they come last, each in words that are kept.
 */
export function textOf(
  resource: UserResource | GroupResource,
  projection: Projection,
  base: string,
  catalogue: Catalogue = STANDARD,
): string {
  const { type } = resource;
  const version = etag(resource);
  const shown = (part: UserResource | GroupResource): string =>
    JSON.stringify(project(type, render(part, base, catalogue, version), projection, catalogue));
  if (type !== 'User' || !shapeOf(projection, catalogue.types.User).groupsWhole) return shown(resource);
  const { groups = [], ...person } = resource;
  if (groups.length === 0) return shown(person);
  let words = `${shown(person).slice(0, -1)},"groups":[`;
  let between = '';
  for (const group of groups) {
    words += between + groupText(group, base);
    between = ',';
  }
  return `${words}]}`;
}
