import type { Finding } from '../access/finding.ts';
import type { Reason } from '../access/reason.ts';
import type { RoleKey } from '../access/role.ts';
import type { Meaning } from './compile.ts';
import { hasEnded } from './ended.ts';
import type { DesiredGrant, Evaluation, PolicyTarget } from './evaluation.ts';
import { type Binding, type Facts, nameKey, type PersonFact } from './facts.ts';
import { found } from './finding.ts';
import { Instances } from './instances.ts';
import { cycleFindings, type Membership, Memberships } from './membership.ts';
import { NamedPeople, namedSlot } from './named.ts';
import type { GrantRef, Policy, Rule } from './policy.ts';
import type { Instance, Made } from './renderer.ts';
import { type Resolution, resolve } from './resolve.ts';
import { selects } from './selector.ts';

/**
 * What a policy wants on one controller. Pure: the same policy, facts and target give the same answer, whatever the order of rules,
 * people and groups in them; for some of the people it is what it is for all, restricted to them, once bindings are stored.
 * The policy is compiled, and names are resolved, once per object.
 */
export function evaluate(policy: Policy, facts: Facts, target: PolicyTarget): Evaluation {
  return new Evaluating(policy, facts, target).run();
}

/** Grants of one role by person or account; the outer key is `roleKey`. */
type Collected = Map<string, { readonly role: RoleKey; readonly by: Map<string, Held> }>;
interface Held {
  readonly holder: Holder;
  readonly reasons: Reason[];
}
type Holder = { readonly person: string } | { readonly principal: string };

class Evaluating {
  readonly #policy: Policy;
  readonly #facts: Facts;
  readonly #resolution: Resolution;
  readonly #instances: Instances;
  readonly #selected: ReadonlySet<Rule>;
  readonly #grants: Collected = new Map();
  readonly #frozen: Collected = new Map();
  readonly #expired: string[] = [];
  readonly #meant: NamedPeople;
  readonly #bind: Binding[] = [];
  readonly #namesakes: Finding[] = [];
  readonly #known = new Map<GrantRef, Map<Meaning['values'], Instance | undefined>>();

  constructor(policy: Policy, facts: Facts, target: PolicyTarget) {
    this.#policy = policy;
    this.#facts = facts;
    this.#resolution = resolve(policy, facts);
    this.#instances = new Instances(policy, target);
    this.#meant = new NamedPeople(facts.bindings);
    this.#selected = new Set(policy.rules.filter((rule) => selects(rule.controllers, target)));
  }

  run(): Evaluation {
    this.#roles();
    this.#people();
    for (const rule of this.#selected)
      if (rule.subject.kind === 'principal')
        this.#give(this.#grants, rule, NO_VALUES, { principal: rule.subject.principal }, this.#reason(rule));
    const { roles, blocked, findings } = this.#instances.result();
    const given = (role: string, holder: string): boolean => this.#grants.get(role)?.by.has(holder) === true;
    const about = this.#resolution.findings.filter(({ rules }) => rules.some((rule) => this.#selected.has(rule)));
    return {
      policy: this.#policy.digest,
      roles,
      grants: listed(this.#grants),
      blocked,
      bind: this.#bind.length === 0 ? this.#resolution.bind : [...this.#resolution.bind, ...this.#bind],
      expired: this.#expired.sort(),
      frozen: listed(this.#frozen, (role, holder) => !given(role, holder)),
      beside: listed(this.#frozen, given),
      findings: [
        ...about.map(({ finding }) => finding),
        ...this.#namesakes,
        ...findings,
        ...cycleFindings(this.#facts.groups),
      ],
    };
  }

  /** Makes the roles that are wanted even where nobody holds them yet. */
  #roles(): void {
    for (const rule of this.#selected) for (const { role, values } of rule.grants) this.#instances.of(role, values);
    for (const { mention, values } of this.#resolution.instances)
      if (this.#selected.has(mention.rule)) for (const grant of mention.rule.grants) this.#instance(grant, values);
  }

  #people(): void {
    const memberships = new Memberships(this.#facts.groups, this.#resolution.byGroup);
    const named = this.#rulesByUser();
    const deleted = this.#resolution.deleted.filter(({ meaning }) => this.#selected.has(meaning.mention.rule));
    for (const person of this.#facts.people) {
      if (named.size > 0) this.#named(person, named.get(nameKey(person.userName)) ?? [], memberships);
      if (!person.active) continue;
      const held = memberships.of(person);
      if (held.length === 0 && deleted.length === 0) continue;
      const without = excluded(held);
      for (const membership of held)
        for (const meaning of membership.meanings) this.#member(person, membership, meaning, without);
      for (const { binding, meaning } of deleted) {
        const { rule } = meaning.mention;
        if (binding.connection !== person.connection || without.has(rule)) continue;
        if (this.#facts.holders !== undefined && this.#facts.holders.get(binding.group)?.has(person.id) !== true)
          continue;
        const reason = this.#reason(rule, { group: binding.name ?? binding.nameKey, groupId: binding.group });
        this.#give(this.#frozen, rule, meaning.values, { person: person.id }, reason);
      }
    }
  }

  #member(
    person: PersonFact,
    { group, via, edge }: Membership,
    { mention, values }: Meaning,
    without: ReadonlySet<Rule>,
  ): void {
    const { rule } = mention;
    if (without.has(rule) || !this.#selected.has(rule)) return;
    const into = this.#resolution.closed.has(rule) ? this.#frozen : this.#grants;
    const reason = this.#reason(rule, {
      group: group.displayName,
      groupId: group.id,
      ...(via.length === 0 ? {} : { via }),
      since: edge.since,
      ...(edge.request === undefined ? {} : { request: edge.request }),
      ...(edge.credential === undefined ? {} : { credential: edge.credential }),
    });
    this.#give(into, rule, values, { person: person.id }, reason);
  }

  /** Rules for one person; what has ended once never comes back (semantics §6). */
  #named(person: PersonFact, rules: readonly Rule[], memberships: Memberships): void {
    for (const rule of rules) {
      if (rule.subject.kind !== 'user' || (rule.from ?? this.#facts.primaryConnection) !== person.connection) continue;
      const key = `${rule.id}\u0000${person.id}`;
      if (this.#facts.now >= rule.subject.until || hasEnded(this.#facts.expired, rule.id, person.id))
        this.#expired.push(key);
      else if (
        this.#isMeant(rule, person) &&
        person.active &&
        !(rule.unless.length > 0 && excluded(memberships.of(person)).has(rule))
      ) {
        const into = this.#resolution.closed.has(rule) ? this.#frozen : this.#grants;
        this.#give(
          into,
          rule,
          NO_VALUES,
          { person: person.id },
          this.#reason(rule, { until: new Date(rule.subject.until).toISOString() }),
        );
      }
    }
  }

  /** Whether somebody is whom the name of a rule meant first: a namesake is not given what was meant for another. */
  #isMeant(rule: Rule, { id, connection, userName }: PersonFact): boolean {
    const first = this.#meant.of(rule, connection);
    if (first === undefined)
      this.#bind.push({ connection, nameKey: namedSlot(rule)!, group: id, name: userName, state: 'bound' });
    else if (first !== id)
      this.#namesakes.push(
        found(
          'policy.namesake',
          rule.id,
          `${userName} of rule ${rule.id} is another person now (${id}) than the one it was first about (${first}); it grants nothing.`,
          rule,
        ),
      );
    return first === undefined || first === id;
  }

  #rulesByUser(): Map<string, Rule[]> {
    const named = new Map<string, Rule[]>();
    for (const rule of this.#selected) {
      if (rule.subject.kind !== 'user') continue;
      const key = nameKey(rule.subject.user);
      named.set(key, [...(named.get(key) ?? []), rule]);
    }
    return named;
  }

  #give(into: Collected, rule: Rule, values: Meaning['values'], holder: Holder, reason: Reason): void {
    for (const grant of rule.grants) {
      const instance = this.#instance(grant, values);
      if (instance === undefined) continue;
      collect(into, instance.main, holder, reason);
      if (instance.companion !== undefined) collect(into, instance.companion, holder, reason);
    }
  }

  /** Values are shared by all members of a group, so that most answers are known. */
  #instance(grant: GrantRef, values: Meaning['values']): Instance | undefined {
    let known = this.#known.get(grant);
    if (known === undefined) {
      known = new Map();
      this.#known.set(grant, known);
    }
    if (!known.has(values)) {
      const all = Object.keys(grant.values).length === 0 ? values : { ...values, ...grant.values };
      known.set(values, this.#instances.of(grant.role, all));
    }
    return known.get(values);
  }

  #reason({ id, file, line }: Rule, more: Partial<Reason> = {}): Reason {
    return { rule: id, file, line, policy: this.#policy.digest, ...more };
  }
}

/** Rules that a person is taken out of. */
function excluded(held: readonly Membership[]): ReadonlySet<Rule> {
  let rules: Set<Rule> | undefined;
  for (const { meanings } of held)
    for (const { mention } of meanings)
      if (mention.role === 'unless') {
        rules ??= new Set();
        rules.add(mention.rule);
      }
  return rules ?? NOTHING;
}

const NOTHING: ReadonlySet<Rule> = new Set();

const NO_VALUES: Meaning['values'] = {};

function collect(into: Collected, { key, role }: Made, holder: Holder, reason: Reason): void {
  const id = 'person' in holder ? holder.person : `account\u0000${holder.principal}`;
  let entry = into.get(key);
  if (entry === undefined) {
    entry = { role: { type: role.type, name: role.name }, by: new Map() };
    into.set(key, entry);
  }
  const held = entry.by.get(id);
  if (held === undefined) entry.by.set(id, { holder, reasons: [reason] });
  else if (!held.reasons.some(({ rule, groupId }) => rule === reason.rule && groupId === reason.groupId))
    held.reasons.push(reason);
}

/** Grants in the order of roles, those that are asked for; reasons in the order of rules and groups. */
function listed(collected: Collected, isAsked = (_role: string, _holder: string): boolean => true): DesiredGrant[] {
  const grants: DesiredGrant[] = [];
  for (const [key, { role, by }] of [...collected].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const [id, { holder, reasons }] of by) {
      if (!isAsked(key, id)) continue;
      if (reasons.length > 1) reasons.sort(byRule);
      grants.push(
        'person' in holder ? { role, person: holder.person, reasons } : { role, principal: holder.principal, reasons },
      );
    }
  }
  return grants;
}

function byRule(a: Reason, b: Reason): number {
  if (a.rule !== b.rule) return a.rule < b.rule ? -1 : 1;
  const [left, right] = [a.groupId ?? '', b.groupId ?? ''];
  return left < right ? -1 : left > right ? 1 : 0;
}
