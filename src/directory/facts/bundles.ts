import type { GroupRow } from '../groups/groupRow.ts';

/** A group whose members are asked for, and how many it has. */
export type Populous = Pick<GroupRow, 'id' | 'member_count'>;

/** Groups whose members are read together. */
interface Bundle {
  readonly ids: readonly string[];
  /** The only one, where it has more members than are read in one go: they come in parts. */
  readonly large?: string;
}

/** Groups in the order of their ids, as many together as have `most` members; a larger one is alone. */
export function bundles(groups: readonly Populous[], most: number): Bundle[] {
  const made: string[][] = [];
  const large = new Set<string>();
  let members = Number.POSITIVE_INFINITY;
  for (const { id, member_count: size } of groups.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    members += size;
    if (members > most) {
      made.push([]);
      members = size;
    }
    made.at(-1)!.push(id);
    if (size > most) large.add(id);
  }
  return made.map((ids) => (large.has(ids[0]!) ? { ids, large: ids[0]! } : { ids }));
}
