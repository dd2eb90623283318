import { render, type Template, type Values } from './captures/template.ts';
import type { GrantRef, Policy, Rule } from './policy.ts';
import { ancestors } from './quote.ts';

/**
 * Names of groups by which a rule would give a role that reaches an item; empty where it never does. Undefined where no name
 * decides it: a role that reaches everything or was made by hand, a rule for one person, groups named by externalId.
 */
export function groupsReaching(
  policy: Policy,
  rule: Rule,
  grant: GrantRef,
  item: string,
): readonly string[] | undefined {
  const scope = policy.roles.get(grant.role)?.scope;
  if (scope?.kind !== 'folder') return undefined;
  const folders = scope.children ? [item, ...ancestors(item)] : [item];
  const fits = folders
    .map((folder) => valuesIn(scope.folder, folder))
    .filter((values) => values !== undefined)
    .filter((values) => Object.entries(grant.values).every(([key, value]) => (values[key] ?? value) === value));
  if (fits.length === 0) return [];
  if (rule.subject.kind !== 'groups') return undefined;
  const names = rule.subject.groups.map((group) =>
    'name' in group
      ? fits.flatMap((values) => spellings(policy, group.name, { ...values, ...unused(grant, values) }))
      : undefined,
  );
  return names.includes(undefined) ? undefined : [...new Set(names.flatMap((list) => list ?? []))];
}

/** Captures given by hand say nothing about the group's name. */
function unused({ values }: GrantRef, found: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !Object.hasOwn(found, key)));
}

/** The values with which a template of a folder is this folder. */
function valuesIn({ parts }: Template, folder: string): Values | undefined {
  const source = parts.map((part) => ('text' in part ? escaped(part.text) : '([^/]+)')).join('');
  const match = new RegExp(`^${source}$`).exec(folder);
  if (match === null) return undefined;
  const values: Record<string, string> = {};
  const captures = parts.flatMap((part) => ('capture' in part ? [part.capture] : []));
  for (const [index, capture] of captures.entries()) {
    const value = match[index + 1]!;
    if (Object.hasOwn(values, capture) && values[capture] !== value) return undefined;
    values[capture] = value;
  }
  return values;
}

/** The group's name for these values: what `map` turned into a value is turned back, and `matches` has to allow it. */
function spellings({ captures }: Policy, name: Template, values: Values): string[] {
  let known: Values[] = [{}];
  for (const capture of name.captures) {
    const value = values[capture];
    if (value === undefined) return [];
    const definition = captures.get(capture);
    const mapped = [...(definition?.map ?? [])].filter(([, to]) => to === value).map(([from]) => from);
    const direct = definition?.map.has(value) === true ? [] : [value];
    const allowed = [...mapped, ...direct].filter((word) => definition?.matches?.matches(word) ?? true);
    known = known.flatMap((so) => allowed.map((word) => ({ ...so, [capture]: word })));
  }
  return known.map((so) => render(name, so));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
