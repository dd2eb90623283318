import type { Finding } from '../access/finding.ts';
import { boundAs, externalIdIn, externalKey } from './bindingKey.ts';
import { valueProblem } from './captures/names.ts';
import { type Compiled, compile, type Meaning, type Meanings } from './compile.ts';
import { type Binding, type Facts, type GroupFact, nameKey } from './facts.ts';
import { found } from './finding.ts';
import { type Limits, limitsOf } from './limits.ts';
import { ofGroups } from './named.ts';
import type { Policy, Rule } from './policy.ts';
import type { RuleFinding } from './ruleFinding.ts';

/** What the groups of the directory mean to a policy: the same for every controller. */
export interface Resolution {
  /** What membership in a group gives, by group id. */
  readonly byGroup: ReadonlyMap<string, readonly Meaning[]>;
  /** What deleted groups gave; they freeze (semantics §5). */
  readonly deleted: readonly { readonly binding: Binding; readonly meaning: Meaning }[];
  /** Everything rules mean by groups that exist or are frozen, wherever they are: the instances of roles that there are. */
  readonly instances: readonly Meaning[];
  /** Rules of which a group of `unless` is missing: they give nothing new. */
  readonly closed: ReadonlyMap<Rule, string>;
  /** Names that are bound, wherever their groups are, with what they mean. */
  readonly bound: readonly { readonly name: string; readonly meanings: readonly Meaning[] }[];
  readonly bind: readonly Binding[];
  readonly findings: readonly RuleFinding[];
}

const resolved = new WeakMap<Facts, { readonly policy: Policy; readonly resolution: Resolution }>();

/** Ties names to groups, once per policy and facts. */
export function resolve(policy: Policy, facts: Facts): Resolution {
  const known = resolved.get(facts);
  if (known?.policy === policy) return known.resolution;
  const resolution = new Resolving(compile(policy), facts).run();
  resolved.set(facts, { policy, resolution });
  return resolution;
}

/** A name of a group that is about to count. */
interface Claim {
  readonly group: GroupFact;
  readonly key: string;
  readonly name: string;
  readonly meanings: readonly Meaning[];
}

class Resolving {
  readonly #compiled: Compiled;
  readonly #facts: Facts;
  readonly #stored = new Map<string, Binding>();
  readonly #named = new Map<string, Binding[]>();
  readonly #claims = new Map<string, Claim[]>();
  readonly #active: Claim[] = [];
  readonly #bind: Binding[] = [];
  readonly #findings: RuleFinding[] = [];
  readonly #bound: readonly { readonly binding: Binding; readonly meanings: readonly Meaning[] }[];

  constructor(compiled: Compiled, facts: Facts) {
    this.#compiled = compiled;
    this.#facts = facts;
    this.#bound = ofGroups(facts.bindings)
      .filter((binding) => counts(binding, facts))
      .map((binding) => ({ binding, meanings: this.#meaningsOf(binding).meanings }));
  }

  run(): Resolution {
    for (const binding of ofGroups(this.#facts.bindings)) {
      this.#stored.set(slot(binding.connection, binding.nameKey), binding);
      if (binding.state === 'deleted') continue;
      const list = this.#named.get(binding.group);
      if (list === undefined) this.#named.set(binding.group, [binding]);
      else list.push(binding);
    }
    for (const group of this.#facts.groups.values()) this.#group(group);
    const standing = this.#standing();
    const fresh = this.#settled();
    const limits = limitsOf(
      this.#compiled.policy,
      standing,
      fresh.flatMap(({ meanings }) => meanings),
    );
    this.#findings.push(...limits.findings);
    for (const claim of fresh) {
      this.#active.push(claim);
      if (claim.meanings.every((meaning) => limits.allows(meaning))) this.#bind.push(bindingOf(claim, 'bound'));
    }
    return this.#result(limits);
  }

  /** Names by which a group counts already, and names it would like to count by. */
  #group(group: GroupFact): void {
    const { connection, displayName, externalId } = group;
    const key = nameKey(displayName);
    const primary = connection === this.#facts.primaryConnection;
    const { meanings, ambiguous } = this.#compiled.byName(connection, primary, displayName);
    const former = this.#formerNames(group);
    const renamed = former.some(({ binding }) => externalIdIn(binding.nameKey) === undefined);
    if (ambiguous.length > 0)
      this.#report(
        ambiguous.map(({ rule }) => rule),
        found(
          'policy.ambiguous-split',
          displayName,
          `The name of the group ${displayName} falls into the captures of a rule in more than one way; it grants nothing there.`,
        ),
      );
    if (meanings.length > 0) this.#name({ group, key, name: displayName, meanings }, renamed);
    for (const { binding, meanings: kept } of former) {
      const rules = kept.map(({ mention }) => mention.rule);
      this.#active.push({ group, key: binding.nameKey, name: displayName, meanings: kept });
      if (binding.state !== 'renamed') this.#bind.push({ ...binding, state: 'renamed' });
      this.#report(
        rules,
        found('policy.renamed-group', binding.name ?? binding.nameKey, renaming(rules[0]!, binding, group)),
      );
    }
    if (externalId === undefined || !this.#compiled.usesExternalIds) return;
    const byId = this.#compiled.byExternalId(connection, primary, externalId);
    const other = former.some(({ binding }) => externalIdIn(binding.nameKey) !== undefined);
    if (byId.length > 0) this.#name({ group, key: externalKey(externalId), name: displayName, meanings: byId }, other);
  }

  /** What it was bound as and is not called any more, by name or by externalId. */
  #formerNames({ id, displayName, externalId }: GroupFact): { binding: Binding; meanings: readonly Meaning[] }[] {
    return (this.#named.get(id) ?? []).flatMap((binding) => {
      const former = externalIdIn(binding.nameKey);
      if (former === undefined ? binding.nameKey === nameKey(displayName) : former === externalId) return [];
      const { meanings } = this.#meaningsOf(binding);
      return meanings.length === 0 ? [] : [{ binding, meanings }];
    });
  }

  #name(claim: Claim, renamed: boolean): void {
    const at = slot(claim.group.connection, claim.key);
    const binding = this.#stored.get(at);
    if (binding?.group === claim.group.id) {
      this.#active.push(claim);
      const respelled = externalIdIn(claim.key) === undefined && (binding.name ?? claim.name) !== claim.name;
      if (respelled || binding.state !== 'bound') this.#bind.push(bindingOf(claim, 'bound'));
      return;
    }
    if (binding !== undefined && binding.state !== 'deleted') {
      this.#contested([claim]);
      return;
    }
    if (renamed) return;
    const list = this.#claims.get(at);
    if (list === undefined) this.#claims.set(at, [claim]);
    else list.push(claim);
  }

  /** New names that one group alone claims. */
  #settled(): Claim[] {
    const fresh: Claim[] = [];
    for (const claims of this.#claims.values()) {
      if (claims.length === 1) fresh.push(claims[0]!);
      else this.#contested(claims);
    }
    return fresh;
  }

  #contested(claims: readonly Claim[]): void {
    for (const { group, meanings } of claims)
      this.#report(
        meanings.map(({ mention }) => mention.rule),
        found(
          'policy.contested-name',
          group.displayName,
          `The group ${group.displayName} (${group.id}) has a name that a rule is bound to another group by; it grants nothing.`,
        ),
      );
  }

  /** What bindings and the names that count already mean. */
  #standing(active = this.#slots()): Meaning[] {
    const elsewhere = this.#bound.filter(({ binding }) => !active.has(slot(binding.connection, binding.nameKey)));
    return [...elsewhere, ...this.#active].flatMap(({ meanings }) => meanings);
  }

  /** Names by which groups count. */
  #slots(): Set<string> {
    return new Set(this.#active.map(({ group, key }) => slot(group.connection, key)));
  }

  #meaningsOf({ connection, nameKey: key, name }: Binding): Pick<Meanings, 'meanings'> {
    const primary = connection === this.#facts.primaryConnection;
    const externalId = externalIdIn(key);
    if (externalId !== undefined) return { meanings: this.#compiled.byExternalId(connection, primary, externalId) };
    return this.#compiled.byName(connection, primary, name !== undefined && nameKey(name) === key ? name : key);
  }

  #result(limits: Limits): Resolution {
    const sound = this.#soundness();
    const usable = (meaning: Meaning): boolean => limits.allows(meaning) && sound(meaning);
    const byGroup = new Map<string, Meaning[]>();
    for (const { group, meanings } of this.#active)
      byGroup.set(group.id, [...(byGroup.get(group.id) ?? []), ...meanings.filter(usable)]);
    const active = this.#slots();
    const gone = this.#bound.filter(
      ({ binding }) => binding.state === 'deleted' && !active.has(slot(binding.connection, binding.nameKey)),
    );
    const deleted = gone.flatMap(({ binding, meanings: all }) => {
      const meanings = all.filter((meaning) => meaning.mention.role === 'subject' && usable(meaning));
      const name = binding.name ?? binding.nameKey;
      if (meanings.length > 0)
        this.#report(
          meanings.map(({ mention }) => mention.rule),
          found(
            'policy.deleted-group',
            name,
            `The group ${name}, which rule ${meanings[0]!.mention.rule.id} names, was deleted; those who hold something by it keep it.`,
          ),
        );
      return meanings.map((meaning) => ({ binding, meaning }));
    });
    const closed = this.#closed(active);
    for (const [rule, name] of closed)
      this.#report(
        [rule],
        found('policy.unless-missing', `rules.${rule.id}`, `There is no group ${name}, which unless names.`, rule),
      );
    const instances = this.#standing(active).filter((meaning) => meaning.mention.role === 'subject' && usable(meaning));
    const bind = this.#bind.toSorted((a, b) =>
      slot(a.connection, a.nameKey) < slot(b.connection, b.nameKey) ? -1 : 1,
    );
    const bound = this.#bound
      .filter(({ binding }) => binding.state !== 'deleted')
      .map(({ binding, meanings }) => ({ name: binding.name ?? binding.nameKey, meanings }));
    return { byGroup, deleted, instances, closed, bound, bind, findings: this.#findings };
  }

  /** Values that can be no name of an item make nothing; each is reported once. */
  #soundness(): (meaning: Meaning) => boolean {
    const problems = new Map<string, boolean>();
    return ({ mention, values }) =>
      Object.entries(values).every(([capture, value]) => {
        const known = problems.get(value);
        if (known !== undefined) return known;
        const problem = valueProblem(value);
        if (problem !== undefined)
          this.#report(
            [mention.rule],
            found(
              'policy.instance',
              `captures.${capture}`,
              `"${value}" cannot be {${capture}}: ${problem}. It grants nothing.`,
            ),
          );
        problems.set(value, problem === undefined);
        return problem === undefined;
      });
  }

  #closed(active: ReadonlySet<string>): Map<Rule, string> {
    const closed = new Map<Rule, string>();
    for (const rule of this.#compiled.policy.rules)
      for (const group of rule.unless) {
        const at = slot(rule.from ?? this.#facts.primaryConnection, boundAs(group));
        const binding = this.#stored.get(at);
        if (active.has(at) || (binding !== undefined && binding.state !== 'deleted')) continue;
        closed.set(rule, 'externalId' in group ? `with the externalId ${group.externalId}` : group.name.source);
      }
    return closed;
  }

  #report(rules: readonly Rule[], finding: Finding): void {
    this.#findings.push({ finding, rules });
  }
}

/** Whether a binding means anything still: a deleted group freezes whoever holds something by it, and is forgotten with the last of them. */
function counts({ state, group }: Binding, { holders }: Facts): boolean {
  return state !== 'deleted' || holders === undefined || (holders.get(group)?.size ?? 0) > 0;
}

/** How a group is called otherwise than when a rule was bound to it, in a sentence. */
function renaming({ id }: Rule, { nameKey: key, name }: Binding, { displayName }: GroupFact): string {
  const externalId = externalIdIn(key);
  return externalId === undefined
    ? `The group that rule ${id} was bound to as "${name ?? key}" is now called "${displayName}". It keeps granting by its old name, and not by the new one.`
    : `The group "${displayName}", which rule ${id} was bound to by the externalId ${externalId}, has another one now, or none. It keeps granting by the former one, and not by the new one.`;
}

function slot(connection: string, key: string): string {
  return `${connection}\u0000${key}`;
}

function bindingOf({ group, key, name }: Claim, state: Binding['state']): Binding {
  return { connection: group.connection, nameKey: key, group: group.id, name, state };
}
