import type { Finding } from '../access/finding.ts';
import type { Meaning } from './compile.ts';
import type { GroupFact, MembershipFact, PersonFact } from './facts.ts';
import { found } from './finding.ts';

/** A group that counts for a person, and the way there. */
export interface Membership {
  readonly group: GroupFact;
  readonly meanings: readonly Meaning[];
  /** Names of the groups between, nearest first. */
  readonly via: readonly string[];
  /** The newest edge of the way: with it the membership began. */
  readonly edge: MembershipFact;
}

interface Above {
  readonly group: GroupFact;
  readonly meanings: readonly Meaning[];
  readonly via: readonly string[];
  readonly edge: MembershipFact | undefined;
}

/** Finds the groups of people by nested membership; what lies above a group is computed once. */
export class Memberships {
  readonly #groups: ReadonlyMap<string, GroupFact>;
  readonly #byGroup: ReadonlyMap<string, readonly Meaning[]>;
  readonly #above = new Map<string, readonly Above[]>();

  constructor(groups: ReadonlyMap<string, GroupFact>, byGroup: ReadonlyMap<string, readonly Meaning[]>) {
    this.#groups = groups;
    this.#byGroup = byGroup;
  }

  /** Groups with a meaning, each once, by the shortest way; ties go to the lower id. */
  of(person: PersonFact): readonly Membership[] {
    const found = new Map<string, Membership>();
    if (person.groups.length === 0) return [];
    for (const edge of inOrder(person.groups))
      for (const above of this.#aboveOf(edge.group)) {
        if (above.group.connection !== person.connection) continue;
        const known = found.get(above.group.id);
        if (known !== undefined && known.via.length <= above.via.length) continue;
        found.set(above.group.id, { ...above, edge: newer(edge, above.edge) });
      }
    return found.size === 0 ? [] : [...found.values()];
  }

  #aboveOf(id: string): readonly Above[] {
    const known = this.#above.get(id);
    if (known !== undefined) return known;
    const direct = this.#groups.get(id);
    if (direct === undefined || (direct.parents.length === 0 && this.#byGroup.get(id) === undefined)) return NOTHING;
    const result: Above[] = [];
    const seen = new Set([id]);
    let level: { id: string; via: readonly string[]; edge: MembershipFact | undefined }[] = [
      { id, via: [], edge: undefined },
    ];
    while (level.length > 0) {
      const next: typeof level = [];
      for (const { id: at, via, edge } of level) {
        const group = this.#groups.get(at);
        if (group === undefined) continue;
        const meanings = this.#byGroup.get(at);
        if (meanings !== undefined && meanings.length > 0) result.push({ group, meanings, via, edge });
        for (const parent of inOrder(group.parents)) {
          if (seen.has(parent.group)) continue;
          seen.add(parent.group);
          next.push({ id: parent.group, via: [...via, group.displayName], edge: newer(parent, edge) });
        }
      }
      level = next;
    }
    this.#above.set(id, result);
    return result;
  }
}

const MAX_CYCLES = 20;

/** Circles of groups, each once; they are harmless and worth knowing. */
export function cycleFindings(groups: ReadonlyMap<string, GroupFact>): Finding[] {
  const findings: Finding[] = [];
  const told = new Set<string>();
  const nested = [...groups.values()].filter(({ parents }) => parents.length > 0);
  for (const group of nested.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (told.has(group.id) || findings.length >= MAX_CYCLES) continue;
    const up = reach(group.id, groups);
    if (!up.has(group.id)) continue;
    const circle = [...up].filter((id) => reach(id, groups).has(group.id));
    for (const id of circle) told.add(id);
    const names = circle.map((id) => groups.get(id)?.displayName ?? id).sort();
    findings.push(
      found('policy.group-cycle', names[0]!, `Groups are members of each other: ${names.slice(0, 8).join(', ')}.`),
    );
  }
  return findings;
}

/** All groups above one; itself only where it is in a circle. */
function reach(id: string, groups: ReadonlyMap<string, GroupFact>): Set<string> {
  const seen = new Set<string>();
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const { group } of groups.get(at)?.parents ?? []) {
      if (seen.has(group)) continue;
      seen.add(group);
      open.push(group);
    }
  return seen;
}

const NOTHING: readonly Above[] = [];

function inOrder(edges: readonly MembershipFact[]): readonly MembershipFact[] {
  const sorted = edges.every((edge, index) => index === 0 || edges[index - 1]!.group <= edge.group);
  return sorted ? edges : edges.toSorted((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0));
}

function newer(edge: MembershipFact, other: MembershipFact | undefined): MembershipFact {
  return other === undefined || other.since <= edge.since ? edge : other;
}
