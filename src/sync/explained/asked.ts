import type { PermissionInfo } from '../../access/ports/controller.ts';
import { titleOf as usualTitle } from '../../policy/permissions.ts';
import { patternMatches } from '../../policy/quote.ts';

/** What a controller calls a permission. */
export function titleOf(id: string, catalogue: readonly PermissionInfo[]): string {
  return catalogue.find((permission) => permission.id === id)?.title ?? usualTitle(id);
}

/** Whether these permissions hold the one asked for, by title or id, implied ones included. */
export function gives(ids: readonly string[], asked: string, catalogue: readonly PermissionInfo[]): boolean {
  const found = catalogue.find(({ id, title }) => id === asked || title.toLowerCase() === asked.toLowerCase());
  const held = new Set(ids);
  if (catalogue.length === 0)
    return ids.some((id) => id === asked || usualTitle(id).toLowerCase() === asked.toLowerCase());
  for (let at: PermissionInfo | undefined = found; at !== undefined; ) {
    if (held.has(at.id)) return true;
    const next: string | undefined = at.impliedBy;
    at = next === undefined ? undefined : catalogue.find(({ id }) => id === next);
  }
  return held.has(asked);
}

/** Whether a pattern reaches an item; one that we did not make is shown without a judgement. */
export function matchesItem(pattern: string, item: string): boolean {
  return patternMatches(pattern, item) ?? true;
}
