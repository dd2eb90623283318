import { isReservedId } from '../access/principal.ts';
import type { Regex } from './captures/regex.ts';
import { type Split, type SplitName, splittable, splitter } from './captures/split.ts';
import type { Values } from './captures/template.ts';
import { nameKey } from './facts.ts';
import type { GroupRef, Policy, Rule } from './policy.ts';

/** One group of a rule, or of its `unless`. */
interface Mention {
  readonly rule: Rule;
  readonly role: 'subject' | 'unless';
}

/** What a name means to the rules of one connection. */
export interface Meaning {
  readonly mention: Mention;
  readonly values: Values;
}

/** What a name means, and the mentions it would fit in more than one way. */
export interface Meanings {
  readonly meanings: readonly Meaning[];
  readonly ambiguous: readonly Mention[];
}

/** A policy with its indexes; caches by name, so that a name is matched once. */
export interface Compiled {
  readonly policy: Policy;
  /** What a group of that connection means by its displayName; `primary` tells whether rules without `from` read the connection. */
  byName(connection: string, primary: boolean, name: string): Meanings;
  /** The same by externalId. */
  byExternalId(connection: string, primary: boolean, externalId: string): readonly Meaning[];
  /** Whether rules of that connection name groups by externalId at all. */
  readonly usesExternalIds: boolean;
}

interface Index {
  readonly literal: Map<string, Mention[]>;
  readonly external: Map<string, Mention[]>;
  /** By the text of the template: mentions that share it are matched once. */
  readonly patterns: Map<string, { readonly split: (name: SplitName) => Split; readonly mentions: Mention[] }>;
}

const NONE: Meanings = { meanings: [], ambiguous: [] };
const MAX_CACHE = 200_000;
const compiled = new WeakMap<Policy, Compiled>();

/** Compiles a policy once per object. */
export function compile(policy: Policy): Compiled {
  const known = compiled.get(policy);
  if (known !== undefined) return known;
  const fresh = compiledOf(policy);
  compiled.set(policy, fresh);
  return fresh;
}

function compiledOf(policy: Policy): Compiled {
  const indexes = new Map<string | undefined, Index>();
  const matchers = new Map([...policy.captures].map(([key, { matches }]) => [key, matches]));
  for (const rule of policy.rules) {
    const index = indexes.get(rule.from) ?? { literal: new Map(), external: new Map(), patterns: new Map() };
    indexes.set(rule.from, index);
    if (rule.subject.kind === 'groups')
      for (const group of rule.subject.groups) enter(index, group, { rule, role: 'subject' }, matchers);
    for (const group of rule.unless) enter(index, group, { rule, role: 'unless' }, matchers);
  }
  const caches = new Map<Index, Map<string, Meanings>>();
  const indexesOf = (connection: string, primary: boolean): Index[] =>
    [indexes.get(connection), ...(primary ? [indexes.get(undefined)] : [])].filter((index) => index !== undefined);
  const meaningsIn = (index: Index, name: string): Meanings => {
    const cache = caches.get(index) ?? new Map<string, Meanings>();
    caches.set(index, cache);
    const cached = cache.get(name);
    if (cached !== undefined) return cached;
    if (cache.size >= MAX_CACHE) cache.clear();
    const fresh = meaningsOf(index, name, policy);
    cache.set(name, fresh);
    return fresh;
  };
  return {
    policy,
    usesExternalIds: [...indexes.values()].some((index) => index.external.size > 0),
    byName: (connection, primary, name) => {
      const found = indexesOf(connection, primary).map((index) => meaningsIn(index, name));
      return found.length === 1 ? found[0]! : joined(found);
    },
    byExternalId: (connection, primary, externalId) =>
      indexesOf(connection, primary).flatMap((index) => plain(index.external.get(externalId) ?? [])),
  };
}

function enter(
  index: Index,
  group: GroupRef,
  mention: Mention,
  matchers: ReadonlyMap<string, Regex | undefined>,
): void {
  if ('externalId' in group) push(index.external, group.externalId, mention);
  else if (group.name.captures.length === 0) push(index.literal, nameKey(group.name.source), mention);
  else {
    const known = index.patterns.get(group.name.source);
    if (known === undefined)
      index.patterns.set(group.name.source, { split: splitter(group.name, matchers), mentions: [mention] });
    else known.mentions.push(mention);
  }
}

function meaningsOf(index: Index, name: string, policy: Policy): Meanings {
  const key = nameKey(name);
  if (isReservedId(key)) return NONE;
  const meanings: Meaning[] = plain(index.literal.get(key) ?? []);
  const ambiguous: Mention[] = [];
  const ready = index.patterns.size === 0 ? undefined : splittable(name);
  if (ready !== undefined)
    for (const { split, mentions } of index.patterns.values()) {
      const values = split(ready);
      if (values === 'ambiguous') ambiguous.push(...mentions);
      else if (values !== 'none') {
        const final = mapped(values, policy);
        meanings.push(...mentions.map((mention) => ({ mention, values: final })));
      }
    }
  return meanings.length + ambiguous.length === 0 ? NONE : { meanings, ambiguous };
}

/** Values as the captures' `map` has them. */
function mapped(values: Values, { captures }: Policy): Values {
  const entries = Object.entries(values).map(([capture, value]) => {
    const map = captures.get(capture)?.map;
    return [capture, map?.get(value) ?? map?.get(nameKey(value)) ?? value];
  });
  return Object.fromEntries(entries);
}

function plain(mentions: readonly Mention[]): Meaning[] {
  return mentions.map((mention) => ({ mention, values: {} }));
}

function joined(list: readonly Meanings[]): Meanings {
  if (list.length === 0) return NONE;
  return { meanings: list.flatMap(({ meanings }) => meanings), ambiguous: list.flatMap(({ ambiguous }) => ambiguous) };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
