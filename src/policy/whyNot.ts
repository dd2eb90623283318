import type { Meaning } from './compile.ts';
import { hasEnded } from './ended.ts';
import { evaluate } from './evaluate.ts';
import type { Evaluation, PolicyTarget, WhyNot } from './evaluation.ts';
import { type Facts, nameKey, type PersonFact } from './facts.ts';
import { Memberships } from './membership.ts';
import { NamedPeople } from './named.ts';
import type { GroupRef, Policy, Rule } from './policy.ts';
import { patternMatches } from './quote.ts';
import { groupsReaching } from './reaching.ts';
import { type Resolution, resolve } from './resolve.ts';
import { selects } from './selector.ts';
import { similarity } from './similarity.ts';

const MAX_CANDIDATES = 5000;

interface Answer extends WhyNot {
  readonly conditions: number;
  readonly near: number;
}

/**
 * For each role that a rule gives on this controller and the person lacks by that rule: what is missing. The fewest missing conditions
 * first, then the group whose name is most like one the person is in. Rules for other people and for accounts are left out; a role
 * the person holds by another rule is too. Facts about that one person, with the groups above, are enough. With an item only roles
 * that reach it count, and groups that lead to such a role.
 */
export function whyNot(policy: Policy, all: Facts, target: PolicyTarget, personId: string, item?: string): WhyNot[] {
  const person = all.people.find(({ id }) => id === personId);
  if (person === undefined) return [];
  const facts = all.people.length === 1 ? all : { ...all, people: [person] };
  const resolution = resolve(policy, facts);
  const own = groupNames(person, facts);
  const held = heldBy(evaluate(policy, facts, target), personId, item);
  const candidates = candidatesOf(resolution, facts);
  const unless = excludingGroups(person, facts, resolution);
  const answers = policy.rules
    .filter((rule) => selects(rule.controllers, target))
    .flatMap((rule): Answer[] => {
      const lacked = rule.grants.filter(({ role }) => !held.has(role));
      if (lacked.length === 0 || rule.subject.kind === 'principal') return [];
      if (rule.subject.kind === 'user' && nameKey(rule.subject.user) !== nameKey(person.userName)) return [];
      return lacked.flatMap((grant): Answer[] => {
        const via = item === undefined ? undefined : groupsReaching(policy, rule, grant, item);
        if (via?.length === 0) return [];
        const conditions = missing(rule, { person, facts, resolution, own, candidates, unless }, via);
        if (conditions.list.length === 0) return [];
        return [
          {
            rule: rule.id,
            role: grant.role,
            missing: conditions.list.join(', and '),
            ...(conditions.group === undefined ? {} : { group: conditions.group }),
            conditions: conditions.list.length,
            near: conditions.near,
          },
        ];
      });
    });
  return answers.toSorted(nearestFirst).map(({ conditions: _, near: __, ...answer }) => answer);
}

/** What is missing by each rule, in the same order: once where it is the same for several roles that the rule gives. */
export function missingByRule(answers: readonly WhyNot[]): { readonly rule: string; readonly missing: string }[] {
  const told = new Map(answers.map(({ rule, missing }) => [JSON.stringify([rule, missing]), { rule, missing }]));
  return [...told.values()];
}

interface Question {
  readonly person: PersonFact;
  readonly facts: Facts;
  readonly resolution: Resolution;
  readonly own: readonly string[];
  readonly candidates: ReadonlyMap<Rule, readonly string[]>;
  readonly unless: ReadonlyMap<Rule, string>;
}

interface Missing {
  readonly list: readonly string[];
  readonly group?: string;
  readonly near: number;
}

/** @param via names of the only groups that would do; absent: any group of the rule */
function missing(
  rule: Rule,
  { person, facts, resolution, own, candidates, unless }: Question,
  via?: readonly string[],
): Missing {
  const list: string[] = [];
  const connection = rule.from ?? facts.primaryConnection;
  if (!person.active) list.push('being active');
  if (person.connection !== connection) list.push(`being of connection "${connection}"`);
  const excludedBy = unless.get(rule);
  const closed = resolution.closed.get(rule);
  let group: string | undefined;
  let near = 1;
  if (rule.subject.kind === 'user') {
    const { until } = rule.subject;
    if (facts.now >= until || hasEnded(facts.expired, rule.id, person.id))
      list.push(`an end that has not passed (it was ${new Date(until).toISOString()})`);
    const first = new NamedPeople(facts.bindings).of(rule, connection);
    if (first !== undefined && first !== person.id)
      list.push(`being the person that the rule was first about (${first}); another id of the rule confirms this one`);
  } else if (
    rule.subject.kind === 'groups' &&
    !(via === undefined ? isMember(rule, person, facts, resolution) : inOne(own, via))
  ) {
    const best =
      via === undefined
        ? nearestGroup(rule.subject.groups, candidates.get(rule) ?? [], own)
        : nearestGroup([], via, own);
    list.push(best.text);
    group = best.name;
    near = best.near;
  }
  if (excludedBy !== undefined) list.push(`not being in "${excludedBy}"`);
  else if (closed !== undefined) list.push(`the group "${closed}" that unless names`);
  return { list, near, ...(group === undefined ? {} : { group }) };
}

function inOne(own: readonly string[], via: readonly string[]): boolean {
  const keys = new Set(own.map(nameKey));
  return via.some((name) => keys.has(nameKey(name)));
}

function isMember(rule: Rule, person: PersonFact, facts: Facts, resolution: Resolution): boolean {
  return new Memberships(facts.groups, resolution.byGroup)
    .of(person)
    .some(({ meanings }) => meanings.some(({ mention }) => mention.rule === rule && mention.role === 'subject'));
}

interface Nearest {
  readonly text: string;
  readonly name?: string;
  readonly near: number;
}

/** The group of a rule that is most like one the person is in; for a pattern that no known group fits, the pattern itself. */
function nearestGroup(groups: readonly GroupRef[], known: readonly string[], own: readonly string[]): Nearest {
  const literal = groups.flatMap((group) =>
    'name' in group && group.name.captures.length === 0 ? [group.name.source] : [],
  );
  const ranked = [...new Set([...known, ...literal])]
    .map((name) => ({ name, near: Math.max(0, ...own.map((mine) => similarity(mine, name))) }))
    .toSorted((a, b) => b.near - a.near || (a.name < b.name ? -1 : 1));
  const best = ranked[0];
  if (best !== undefined) return { text: `membership of group "${best.name}"`, ...best };
  const first = groups[0]!;
  return 'name' in first
    ? { text: `membership of a group like "${first.name.source}"`, name: first.name.source, near: 0 }
    : { text: `membership of the group with externalId "${first.externalId}"`, near: 0 };
}

/** Names of the groups each rule is about, as far as they are known here: those of the facts and those that are bound. */
function candidatesOf(resolution: Resolution, facts: Facts): Map<Rule, string[]> {
  const found = new Map<Rule, string[]>();
  const add = (meanings: readonly Meaning[], name: string): void => {
    for (const { mention } of meanings) {
      if (mention.role !== 'subject') continue;
      const list = found.get(mention.rule) ?? [];
      if (list.length < MAX_CANDIDATES) list.push(name);
      found.set(mention.rule, list);
    }
  };
  for (const [id, meanings] of resolution.byGroup) {
    const group = facts.groups.get(id);
    if (group !== undefined) add(meanings, group.displayName);
  }
  for (const { name, meanings } of resolution.bound) add(meanings, name);
  return found;
}

/** Which of the person's groups takes them out of which rule. */
function excludingGroups(person: PersonFact, facts: Facts, resolution: Resolution): Map<Rule, string> {
  const found = new Map<Rule, string>();
  for (const { group, meanings } of new Memberships(facts.groups, resolution.byGroup).of(person))
    for (const { mention } of meanings) if (mention.role === 'unless') found.set(mention.rule, group.displayName);
  return found;
}

/** Names of all groups the person is in, nested ones included. */
function groupNames(person: PersonFact, facts: Facts): string[] {
  const seen = new Set<string>();
  const open = person.groups.map(({ group }) => group);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...(facts.groups.get(id)?.parents ?? []).map(({ group }) => group));
  }
  return [...seen].flatMap((id) => facts.groups.get(id)?.displayName ?? []);
}

/** Roles of the policy that the person holds here, companions aside; with an item those that reach it. */
function heldBy(evaluation: Evaluation, person: string, item?: string): Set<string> {
  const roleOf = new Map(evaluation.roles.map((role) => [`${role.type}:${role.name}`, role]));
  const held = new Set<string>();
  for (const grant of evaluation.grants) {
    const role = grant.person === person ? roleOf.get(`${grant.role.type}:${grant.role.name}`) : undefined;
    if (role === undefined || role.companionOf !== undefined) continue;
    if (item === undefined || role.type !== 'item' || (patternMatches(role.pattern, item) ?? true))
      held.add(role.policyRole);
  }
  return held;
}

function nearestFirst(a: Answer, b: Answer): number {
  return a.conditions - b.conditions || b.near - a.near || order(a, b);
}

function order(a: Answer, b: Answer): number {
  const [left, right] = [`${a.rule}\u0000${a.role}`, `${b.rule}\u0000${b.role}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
