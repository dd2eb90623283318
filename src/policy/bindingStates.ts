import { type Binding, type GroupFact, nameKey } from './facts.ts';
import { ofGroups } from './named.ts';
import { externalKey } from './resolve.ts';

/**
 * Bindings whose state has changed, given every group that still exists (or at least all bound ones): a group that is gone is
 * `deleted`, one that is called otherwise `renamed`, one that has its name again `bound`. A name that another group has taken since
 * the deletion is for `evaluate` to bind.
 */
export function bindingStates(
  bindings: readonly Binding[],
  groups: ReadonlyMap<string, Pick<GroupFact, 'displayName'>>,
): Binding[] {
  return ofGroups(bindings).flatMap((binding) => {
    const state = stateOf(binding, groups.get(binding.group));
    return state === binding.state ? [] : [{ ...binding, state }];
  });
}

function stateOf(binding: Binding, group: Pick<GroupFact, 'displayName'> | undefined): Binding['state'] {
  if (group === undefined) return 'deleted';
  if (binding.nameKey.startsWith(externalKey(''))) return 'bound';
  return nameKey(group.displayName) === binding.nameKey ? 'bound' : 'renamed';
}
