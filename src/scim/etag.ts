import { digestOf } from './groupWords.ts';
import type { GroupRef, Resource } from './resource.ts';

/** What the tag of a resource is made from; `groups` as far as they have been read. */
type Tagged = Pick<Resource, 'version'> & { readonly groups?: readonly GroupRef[] };

/**
 * The ETag and meta.version of a resource (RFC 7644 §3.14); weak, since projections of one version differ. The groups of a person are
 * part of what is returned and change without the person: where there are some, a digest of them follows the version.
 */
export function etag(resource: Tagged): string {
  const { version, groups = [] } = resource;
  return groups.length === 0 ? `W/"${version}"` : `W/"${version}.${digestOf(groups)}"`;
}

const TAG = /^(?:W\/)?"(\d+)((?:\.[\da-z]+)?)"$/i;

/**
 * The versions named by If-Match, or by If-None-Match of a change, without quotes, weakness and what is said of groups (who writes a person does not write those), or
 * `*`. A tag that is none of ours stays as it is and matches nothing. Undefined where there is no header.
 */
export function readTags(header: string | undefined): readonly string[] | undefined {
  return header === undefined ? undefined : tagsIn(header).map((tag) => TAG.exec(tag)?.[1] ?? tag);
}

/** Whether If-None-Match names what would be answered: the version and, where groups were read, the same groups. */
export function isKnown(header: string | undefined, resource: Tagged): boolean {
  const [, version, groups] = TAG.exec(etag(resource))!;
  return tagsIn(header ?? '').some((tag) => {
    if (tag === '*') return true;
    const [, its, theirs] = TAG.exec(tag === version ? `"${tag}"` : tag) ?? [];
    return its === version && (resource.groups === undefined || theirs === groups);
  });
}

/** What stands between commas, but for those inside quotes (RFC 9110 §8.8.3). */
const TAGS = /(?:"[^"]*"|[^,"])+|"[^,]*/g;

function tagsIn(header: string): readonly string[] {
  return (header.match(TAGS) ?? []).map((tag) => tag.trim()).filter((tag) => tag !== '');
}
