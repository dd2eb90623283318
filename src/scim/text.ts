import { type Projection, project } from './projection.ts';
import { groupShown, render } from './render.ts';
import type { GroupRef, GroupResource, UserResource } from './resource.ts';
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
  const shown = (part: UserResource | GroupResource): string =>
    JSON.stringify(project(type, render(part, base, catalogue), projection, catalogue));
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

interface Worded {
  readonly group: GroupRef;
  readonly base: string;
  readonly text: string;
}

/** Number and characters of what is kept: about a megabyte. */
const MOST = 4_000;
const LONGEST = 500;
const kept = new Map<string, Worded>();

/** A reference in words; a group has another name now and then. */
function groupText(group: GroupRef, base: string): string {
  const known = kept.get(group.value);
  if (known !== undefined && known.base === base && isSame(known.group, group)) return known.text;
  const text = JSON.stringify(groupShown(group, base));
  if (text.length > LONGEST) return text;
  if (known === undefined && kept.size >= MOST) kept.delete(kept.keys().next().value!);
  kept.set(group.value, { group, base, text });
  return text;
}

function isSame(one: GroupRef, other: GroupRef): boolean {
  return one === other || (one.display === other.display && one.type === other.type);
}
