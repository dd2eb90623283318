import { nameKey } from './facts.ts';
import type { Rule } from './policy.ts';

/** Bindings of groups named by `{ externalId }` have this key; folded names are lower case, so it is no name. */
export function externalKey(externalId: string): string {
  return `externalId:${externalId}`;
}

/** The key of the binding of a group that an `unless` names. */
export function boundAs(group: Rule['unless'][number]): string {
  return 'externalId' in group ? externalKey(group.externalId) : nameKey(group.name.source);
}

/** The externalId in a key; undefined where the group is named otherwise. */
export function externalIdIn(key: string): string | undefined {
  const prefix = externalKey('');
  return key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
}
