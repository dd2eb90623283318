import { X } from './modelWorld.ts';
import { fold, type Op, once, patched, Refused } from './patchModel.ts';
import type { Json } from './world.ts';

export { Refused };
/** A name or a value that another resource has. */
export class Taken extends Error {}
export class Unknown extends Error {}

export interface Person {
  readonly kind: 'user';
  doc: Json;
  version: number;
}
export interface Team {
  readonly kind: 'group';
  doc: Json;
  members: Set<string>;
  version: number;
}

export type TeamOp =
  | { readonly op: 'add' | 'remove' | 'replace'; readonly members: readonly string[] }
  | { readonly op: 'clear' }
  | { readonly op: 'rename'; readonly name: string }
  | { readonly op: 'select'; readonly member: string };

/** A connection as plain maps and sets: what RFC 7644 makes of requests, one at a time. */
export class DirectoryModel {
  readonly all = new Map<string, Person | Team>();
  /** Who has to be looked at again, as `kind id`. */
  marks = new Set<string>();

  createUser(id: string, doc: Json): void {
    const whole = { active: true, ...told(doc) };
    this.#free(id, 'user', whole);
    this.all.set(id, { kind: 'user', doc: whole, version: 1 });
    this.marks.add(`user ${id}`);
  }

  putUser(id: string, doc: Json): void {
    const person = this.#user(id);
    const { active } = person.doc;
    this.#change(id, person, { ...(active === undefined ? {} : { active }), ...told(doc) });
  }

  patchUser(id: string, ops: readonly Op[]): void {
    const person = this.#user(id);
    this.#change(id, person, patched(person.doc, ops));
  }

  #change(id: string, person: Person, doc: Json): void {
    this.#free(id, 'user', doc);
    if (equal(doc, person.doc)) return;
    person.doc = doc;
    person.version += 1;
    this.marks.add(`user ${id}`);
  }

  createGroup(id: string, doc: Json, members: readonly string[], itself = false): void {
    this.#free(id, 'group', doc);
    for (const member of members) if (!this.all.has(member) && !(itself && member === id)) throw new Refused();
    this.all.set(id, { kind: 'group', doc, members: new Set(members), version: 1 });
    this.marks.add(`group ${id}`);
    for (const member of members) this.#mark(member);
  }

  changeGroup(id: string, ops: readonly TeamOp[], doc?: Json): void {
    const team = this.#group(id);
    let next = doc ?? team.doc;
    let members = new Set(team.members);
    for (const op of ops)
      if (op.op === 'rename') next = { ...next, displayName: op.name };
      else if (op.op === 'clear') members = new Set();
      else if (op.op === 'select') members.delete(op.member);
      else if (op.op === 'remove') members = members.difference(new Set(op.members));
      else {
        if (op.members.some((member) => !this.all.has(member))) throw new Refused();
        members = op.op === 'replace' ? new Set(op.members) : members.union(new Set(op.members));
      }
    this.#free(id, 'group', next);
    const moved = members.symmetricDifference(team.members);
    const renamed = !equal(next, team.doc);
    if (moved.size === 0 && !renamed) return;
    for (const member of moved) this.#mark(member);
    if (renamed) this.marks.add(`group ${id}`);
    team.doc = next;
    team.members = members;
    team.version += 1;
  }

  delete(id: string, kind: 'user' | 'group'): void {
    const gone = kind === 'user' ? this.#user(id) : this.#group(id);
    this.marks.add(`${kind} ${id}`);
    if (gone.kind === 'group') for (const member of gone.members) this.#mark(member);
    this.all.delete(id);
    for (const other of this.all.values()) if (other.kind === 'group' && other.members.delete(id)) other.version += 1;
  }

  /** Groups of a resource: those that name it, and all that are above them. */
  groupsOf(id: string): Map<string, 'direct' | 'indirect'> {
    const found = new Map<string, 'direct' | 'indirect'>();
    const above = (member: string, type: 'direct' | 'indirect'): void => {
      for (const [group, team] of this.all)
        if (team.kind === 'group' && team.members.has(member)) {
          if (found.get(group) === 'direct' || found.get(group) === type) continue;
          found.set(group, type);
          above(group, 'indirect');
        }
    };
    above(id, 'direct');
    return found;
  }

  copy(): DirectoryModel {
    const copy = new DirectoryModel();
    for (const [id, one] of this.all)
      copy.all.set(id, one.kind === 'user' ? { ...one } : { ...one, members: new Set(one.members) });
    copy.marks = new Set(this.marks);
    return copy;
  }

  #mark(id: string): void {
    this.marks.add(`${this.all.get(id)!.kind} ${id}`);
  }

  #user(id: string): Person {
    const one = this.all.get(id);
    if (one?.kind !== 'user') throw new Unknown();
    return one;
  }

  #group(id: string): Team {
    const one = this.all.get(id);
    if (one?.kind !== 'group') throw new Unknown();
    return one;
  }

  #free(id: string, kind: 'user' | 'group', doc: Json): void {
    const mine = unique(doc);
    for (const [other, { kind: its, doc: theirs }] of this.all)
      if (other !== id && its === kind && unique(theirs).some((value) => mine.includes(value))) throw new Taken();
  }
}

function unique(doc: Json): string[] {
  const { badge, tags = [] } = doc[X] ?? {};
  return [
    `name ${fold(doc.userName ?? doc.displayName)}`,
    ...(badge === undefined ? [] : [`badge ${fold(badge)}`]),
    ...tags.map((tag: string) => `tag ${fold(tag)}`),
  ];
}

/** Whatever the order of keys. */
export function equal(one: Json, other: Json): boolean {
  const sorted = (value: Json): Json =>
    value === null || typeof value !== 'object'
      ? value
      : Array.isArray(value)
        ? value.map(sorted)
        : Object.fromEntries(
            Object.keys(value)
              .sort()
              .map((key) => [key, sorted(value[key])]),
          );
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** What a body says: no value of a list twice. */
function told(doc: Json): Json {
  return doc.emails === undefined ? doc : { ...doc, emails: once(doc.emails) };
}
