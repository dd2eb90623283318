import type { DesiredGrant, Evaluation } from '../../policy/evaluation.ts';
import type { Binding } from '../../policy/facts.ts';

/** What became of the groups that rules are bound to. */
export interface Bound {
  /** By deleted group whose name has not returned, the people that freezes. */
  readonly deleted: ReadonlyMap<string, ReadonlySet<string>>;
  /** Folded names, and keys of externalIds, that are bound to a group that exists. */
  readonly names: ReadonlySet<string>;
}

/** Bindings as they are after an evaluation, whose own are newer than the stored ones. */
export function boundOf(bindings: readonly Binding[], { bind, frozen }: Pick<Evaluation, 'bind' | 'frozen'>): Bound {
  const all = [...new Map([...bindings, ...bind].map((binding) => [slot(binding), binding])).values()];
  const deleted = new Map<string, Set<string>>();
  for (const { group, state } of all) if (state === 'deleted') deleted.set(group, new Set());
  for (const { person, reasons } of frozen)
    for (const { groupId } of reasons)
      if (person !== undefined && groupId !== undefined) deleted.get(groupId)?.add(person);
  return {
    deleted,
    names: new Set(all.filter(({ state }) => state !== 'deleted').map(({ nameKey }) => nameKey)),
  };
}

/**
 * Frozen grants as the planner keeps them: what only a deleted group gave is planned as a loss, so that it is shown as held and
 * can be released (semantics §5); what a missing `unless` group froze stays.
 */
export function withoutDeleted(frozen: readonly DesiredGrant[], { deleted }: Bound): DesiredGrant[] {
  return frozen.filter(({ reasons }) => reasons.some(({ groupId }) => groupId === undefined || !deleted.has(groupId)));
}

/** Names that came back by this evaluation: the group they were bound to is gone, another one has them now. */
export function returnedNames(bindings: readonly Binding[], { bind }: Pick<Evaluation, 'bind'>): Binding[] {
  const deleted = new Set(bindings.filter(({ state }) => state === 'deleted').map(slot));
  return bind.filter((binding) => binding.state !== 'deleted' && deleted.has(slot(binding)));
}

/** Rules that wait for a group which their `unless` names. */
export function closedRules({ findings }: Pick<Evaluation, 'findings'>): ReadonlySet<string> {
  return new Set(findings.filter(({ code }) => code === 'policy.unless-missing').map(({ subject }) => subject));
}

function slot({ connection, nameKey }: Binding): string {
  return `${connection}\u0000${nameKey}`;
}
