import fc from 'fast-check';
import { X } from './modelWorld.ts';
import type { Json } from './world.ts';

/** A request that RFC 7644 refuses with 400. */
export class Refused extends Error {}

export const fold = (text: string): string => text.normalize('NFKC').toLowerCase().normalize('NFKC');
const solid = (value: object): Json =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
const option = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

const WORD = fc.constantFrom('a', 'A', 'b', 'ß', 'SS');
const TYPE = fc.constantFrom('work', 'home', 'x');
const element: fc.Arbitrary<Json> = fc
  .record({ value: option(WORD), type: option(TYPE), display: option(WORD), primary: option(fc.boolean()) })
  .map(solid);
const elements = fc.array(element, { maxLength: 3 });
const part = fc.record({ givenName: option(fc.oneof(WORD, fc.constant(null))), familyName: option(WORD) }).map(solid);
const SELECTS: readonly (readonly [string, Json | undefined, (item: Json) => boolean])[] = [
  ['type eq "work"', { type: 'work' }, (item) => item.type === 'work'],
  ['value eq "A"', { value: 'A' }, (item) => item.value !== undefined && fold(item.value) === 'a'],
  [
    'type eq "home" and value eq "b"',
    { type: 'home', value: 'b' },
    (item) => item.type === 'home' && item.value !== undefined && fold(item.value) === 'b',
  ],
  ['primary eq true', { primary: true }, (item) => item.primary === true],
  ['not (type eq "work")', undefined, (item) => item.type !== 'work'],
  ['display pr', undefined, (item) => item.display !== undefined],
  [
    'type ne "home" or value co "s"',
    undefined,
    (item) => item.type !== 'home' || (item.value !== undefined && fold(item.value).includes('s')),
  ],
];
const SELECTED = new Map(SELECTS.map(([text, implied, chosen]) => [text, { implied, chosen }]));

/** One operation of a PATCH of a person, of those that the model knows. */
export interface Op {
  readonly op: 'add' | 'replace' | 'remove';
  readonly attribute?: string;
  readonly select?: string;
  readonly sub?: string;
  readonly value?: Json;
}

const verb = fc.constantFrom('add', 'replace') as fc.Arbitrary<'add' | 'replace'>;
const set = (attribute: string, value: fc.Arbitrary<Json>): fc.Arbitrary<Op> =>
  fc.record({ op: verb, attribute: fc.constant(attribute), value });
const take = (...attributes: string[]): fc.Arbitrary<Op> =>
  fc.record({ op: fc.constant('remove' as const), attribute: fc.constantFrom(...attributes) });
const subValue = { value: WORD, type: TYPE, display: WORD, primary: fc.boolean() };
const subName = fc.constantFrom('value', 'type', 'display', 'primary') as fc.Arbitrary<keyof typeof subValue>;
const selectText = fc.constantFrom(...SELECTS.map(([text]) => text));

export const operation: fc.Arbitrary<Op> = fc.oneof(
  set('title', fc.oneof(WORD, fc.constant(null), fc.constant(''))),
  set('displayName', WORD),
  set('userName', fc.constantFrom('ana', 'ANA', 'bo', 'cy', 'dora', 'Straße')),
  set('active', fc.oneof(fc.boolean(), fc.constant(null))),
  set('name', fc.oneof(part, fc.constant(null))),
  set('name.givenName', fc.oneof(WORD, fc.constant(null))),
  set('emails', fc.oneof(elements, elements, fc.constant(null))),
  set(`${X}:badge`, fc.constantFrom('1', 'q', 'Q')),
  set(`${X}:tags`, fc.array(fc.constantFrom('t', 'T', 'u', 'v'), { maxLength: 3 })),
  take('title', 'displayName', 'userName', 'active', 'name', 'name.givenName', 'emails', `${X}:badge`, `${X}:tags`, X),
  fc.record({ op: fc.constant('remove' as const), attribute: fc.constant('emails'), value: elements }),
  fc.record({
    op: fc.constant('remove' as const),
    attribute: fc.constant(`${X}:tags`),
    value: fc.array(fc.constantFrom('t', 'U'), { maxLength: 2 }),
  }),
  fc.record({ op: verb, attribute: fc.constant('emails'), select: selectText, value: element }),
  fc.record({ op: fc.constant('remove' as const), attribute: fc.constant('emails'), select: selectText }),
  subName.chain((sub) =>
    fc.record({
      op: verb,
      attribute: fc.constant('emails'),
      select: fc.option(selectText, { nil: undefined as never, freq: 4 }),
      sub: fc.constant(sub as string),
      value: subValue[sub] as fc.Arbitrary<Json>,
    }),
  ),
  fc.record({
    op: fc.constant('remove' as const),
    attribute: fc.constant('emails'),
    select: fc.option(selectText, { nil: undefined as never, freq: 4 }),
    sub: subName as fc.Arbitrary<string>,
  }),
  fc.record({
    op: verb,
    value: fc
      .record({ title: option(WORD), name: option(part), emails: option(elements), active: option(fc.boolean()) })
      .map(solid),
  }),
);

/** As it is sent. */
export function written({ op, attribute, select, sub, value }: Op): Json {
  const path =
    attribute === undefined
      ? undefined
      : `${attribute}${select === undefined ? '' : `[${select}]`}${sub === undefined ? '' : `.${sub}`}`;
  return solid({ op, path, value });
}

const says = (item: Json): boolean => item.value !== undefined || item.display !== undefined;
const same = (one: Json, other: Json): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.keys(one).every((key) => folded(one[key]) === folded(other[key]));
const folded = (part: Json): Json => (typeof part === 'string' ? fold(part) : part);
/** The same value of the same type; without value, the same in all. */
const twins = (one: Json, other: Json): boolean => {
  if ((one.value === undefined) !== (other.value === undefined)) return false;
  return one.value === undefined
    ? same(one, other)
    : folded(one.value) === folded(other.value) && folded(one.type) === folded(other.type);
};
/** Each value of a type once, where it is first; it says what any of its twins says, and is primary if one of them is (RFC 7643 §2.4). */
export function once(list: readonly Json[]): Json[] {
  const kept: Json[] = [];
  for (const item of list) {
    const at = kept.findIndex((other) => twins(other, item));
    if (at === -1) kept.push(item);
    else kept[at] = { ...item, ...kept[at], ...(item.primary === true ? { primary: true } : {}) };
  }
  return kept;
}

/** A listed element means a stored one by value and type, as far as it gives them, else by all that it gives. */
const means = (listed: Json, stored: Json): boolean => {
  const keys =
    listed.value === undefined ? Object.keys(listed) : ['value', 'type'].filter((key) => listed[key] !== undefined);
  return keys.every((key) => folded(listed[key]) === folded(stored[key]));
};

/** What the person is after a PATCH (RFC 7644 §3.5.2). @throws Refused */
export function patched(person: Json, ops: readonly Op[]): Json {
  const draft = structuredClone(person);
  for (const op of ops) apply(draft, op);
  if (draft.emails !== undefined) {
    draft.emails = once(draft.emails.filter(says));
    if (draft.emails.filter((item: Json) => item.primary === true).length > 1) throw new Refused();
    if (draft.emails.length === 0) delete draft.emails;
  }
  if (draft.name !== undefined && Object.keys(draft.name).length === 0) delete draft.name;
  if (draft[X] !== undefined && Object.keys(draft[X]).length === 0) delete draft[X];
  return draft;
}

function apply(draft: Json, op: Op): void {
  const { attribute, value } = op;
  if (attribute === undefined) {
    for (const [name, item] of Object.entries(value)) apply(draft, { op: op.op, attribute: name, value: item });
    return;
  }
  if (attribute === X) {
    delete draft[X];
    return;
  }
  if (attribute === 'emails') {
    const before: Json[] = draft.emails ?? [];
    const after = onePrimary(before, edited(before, op));
    if (after.length === 0) delete draft.emails;
    else draft.emails = after;
    return;
  }
  if (attribute === `${X}:tags`) {
    tags(draft, op);
    return;
  }
  if (attribute === 'name') {
    if (op.op === 'remove' || value === null) delete draft.name;
    else {
      draft.name = { ...draft.name, ...value };
      for (const [key, item] of Object.entries(draft.name)) if (item === null) delete draft.name[key];
    }
    return;
  }
  const [home, name] = homeOf(draft, attribute);
  if (op.op === 'remove' || value === null) {
    if (name === 'userName' || (name === 'active' && value === null)) throw new Refused();
    delete home[name];
  } else home[name] = value;
}

/** Where a single value stands, and its name there. */
function homeOf(draft: Json, attribute: string): readonly [Json, string] {
  const [part, name] = attribute.startsWith(X) ? [X, attribute.slice(X.length + 1)] : ['name', attribute.slice(5)];
  if (part === 'name' && !attribute.startsWith('name.')) return [draft, attribute];
  draft[part] ??= {};
  return [draft[part], name];
}

function tags(draft: Json, { op, value }: Op): void {
  let list: string[] = draft[X]?.tags ?? [];
  const isIn = (tag: string, all: readonly string[]): boolean => all.some((item) => fold(item) === fold(tag));
  if (op === 'replace') list = [];
  if (op === 'remove') list = value === undefined ? [] : list.filter((tag) => !isIn(tag, value));
  else for (const tag of value) if (!isIn(tag, list)) list = [...list, tag];
  draft[X] ??= {};
  if (list.length === 0) delete draft[X].tags;
  else draft[X].tags = list;
}

function edited(before: readonly Json[], { op, select, sub, value }: Op): Json[] {
  if (select === undefined && sub === undefined) {
    const given: Json[] = once((value ?? []).filter(says));
    if (op === 'replace') return given;
    if (op === 'remove')
      return value === undefined ? [] : before.filter((item) => !given.some((listed) => means(listed, item)));
    const after = [...before];
    for (const item of given) {
      const at = after.findLastIndex((other) => twins(other, item));
      if (at === -1) after.push(item);
      else if (Object.entries(item).some(([key, one]) => after[at][key] !== one)) after[at] = { ...after[at], ...item };
    }
    return after;
  }
  const { implied, chosen } = select === undefined ? { implied: {}, chosen: () => true } : SELECTED.get(select)!;
  if (!before.some(chosen)) {
    if (op === 'remove' && select === undefined) return [...before];
    if (op === 'remove' || (op === 'replace' && select !== undefined) || implied === undefined) throw new Refused();
    const parts = sub === undefined ? value : { [sub]: value };
    return Object.keys(parts).length === 0 ? [...before] : [...before, { ...implied, ...parts }];
  }
  return before.flatMap((item) => {
    if (!chosen(item)) return [item];
    if (op === 'remove') {
      if (sub === undefined) return [];
      const { [sub]: _, ...others } = item;
      if (sub === 'value') delete others.display;
      return [others];
    }
    if (sub !== undefined) return [{ ...item, [sub]: value }];
    if (op === 'add') return [{ ...item, ...value }];
    return Object.keys(value).length === 0 ? [] : [{ ...implied, ...value }];
  });
}

/** A new primary takes the mark from those that were there (RFC 7644 §3.5.2). */
function onePrimary(before: readonly Json[], after: readonly Json[]): Json[] {
  const marked = after.filter((item) => item.primary === true);
  if (marked.length < 2) return [...after];
  const fresh = marked.filter((item) => !before.includes(item));
  if (fresh.length !== 1) throw new Refused();
  return after.map((item) => (item.primary === true && item !== fresh[0] ? { ...item, primary: false } : item));
}
