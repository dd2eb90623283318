import { crc32 } from 'node:zlib';
import { locationOf } from './location.ts';
import type { Attributes, GroupRef } from './resource.ts';

interface Worded {
  readonly group: GroupRef;
  readonly base: string;
  readonly text: string;
  readonly sum: number;
}

/** Number and characters of what is kept: about a megabyte. */
const MOST = 4_000;
const LONGEST = 500;
const kept = new Map<string, Worded>();

/** A reference to a group as it goes out. */
export function groupShown(group: GroupRef, base: string): Attributes {
  return { ...group, $ref: locationOf(base, 'Group', group.value) };
}

/** A reference to a group in words, as people are answered with. The same few thousand go out over and over: they are kept. */
export function groupText(group: GroupRef, base: string): string {
  const known = kept.get(group.value);
  if (known !== undefined && known.base === base && isSame(known.group, group)) return known.text;
  const text = JSON.stringify(groupShown(group, base));
  if (text.length > LONGEST) return text;
  if (known === undefined && kept.size >= MOST) kept.delete(kept.keys().next().value!);
  kept.set(group.value, { group, base, text, sum: sumOf(group) });
  return text;
}

/** A short text that is another one when somebody's groups, their names or the way into them are others. */
export function digestOf(groups: readonly GroupRef[]): string {
  let digest = groups.length;
  for (const group of groups) {
    const known = kept.get(group.value);
    const sum = known !== undefined && isSame(known.group, group) ? known.sum : sumOf(group);
    digest = (Math.imul(digest, 31) + sum) >>> 0;
  }
  return digest.toString(36);
}

function sumOf({ value, display, type }: GroupRef): number {
  return crc32(JSON.stringify([value, display, type]));
}

/** A group has another name now and then. */
function isSame(one: GroupRef, other: GroupRef): boolean {
  return one === other || (one.display === other.display && one.type === other.type);
}
