import type { Resource } from './resource.ts';

/** The ETag and meta.version of a resource (RFC 7644 §3.14); weak, since projections of one version differ. */
export function etag({ version }: Pick<Resource, 'version'>): string {
  return `W/"${version}"`;
}

/**
 * The versions named by If-Match or If-None-Match, without quotes and weakness (comparison is by version), or `*`.
 * A tag that is none of ours stays as it is and matches nothing. Undefined where there is no header.
 */
export function readTags(header: string | undefined): readonly string[] | undefined {
  if (header === undefined) return undefined;
  return header
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
    .map((tag) => /^(?:W\/)?"(\d+)"$/i.exec(tag)?.[1] ?? tag);
}

/** Whether one of the tags names the version of the resource. */
export function matchesTags(tags: readonly string[], { version }: Pick<Resource, 'version'>): boolean {
  return tags.some((tag) => tag === '*' || tag === String(version));
}
