import type { Finding } from '../../access/finding.ts';
import { nearest } from '../../config/nearest.ts';
import { folderProblem, roleNameProblem } from '../captures/names.ts';
import { parseTemplate, render, type Template } from '../captures/template.ts';
import { found, MOST_FINDINGS, type Place } from '../finding.ts';
import { idOf, isAdministrative, isRefused, looksLikePermission, PRESETS, titleOf } from '../permissions.ts';
import type { PolicyRole, PolicyScope } from '../policy.ts';
import type { RoleDocument } from './schema.ts';

/** A part of the document with the line it stands at. */
export interface Entry<T> {
  readonly value: T;
  readonly place: Place;
}

const MAX_CAPTURES = 4;

/** Takes a text apart, or reports it. */
export function template(text: string, subject: string, place: Place, findings: Finding[]): Template | undefined {
  const parsed = parseTemplate(text);
  const problem =
    typeof parsed === 'string'
      ? parsed
      : parsed.captures.length > MAX_CAPTURES
        ? `more than ${MAX_CAPTURES} captures`
        : undefined;
  if (typeof parsed !== 'string' && problem === undefined) return parsed;
  findings.push(found('policy.invalid', subject, `"${text}": ${problem}.`, place));
  return undefined;
}

/** Roles with presets and `extends` resolved; whatever is wrong with them is reported. */
export function buildRoles(
  entries: ReadonlyMap<string, Entry<RoleDocument>>,
  findings: Finding[],
): Map<string, PolicyRole> {
  const roles = new Map<string, PolicyRole>();
  for (const [key, entry] of entries) {
    if (findings.length > MOST_FINDINGS) break;
    const role = buildRole(key, entry, entries, findings);
    if (role !== undefined) roles.set(key, role);
  }
  return roles;
}

function buildRole(
  key: string,
  { value, place }: Entry<RoleDocument>,
  entries: ReadonlyMap<string, Entry<RoleDocument>>,
  findings: Finding[],
): PolicyRole | undefined {
  const wrong = (text: string): undefined => {
    findings.push(found('policy.invalid', `roles.${key}`, text, place));
  };
  if ((value.scope === undefined) === (value.existing === undefined))
    return wrong('A role has either `scope` or `existing`.');
  if (value.existing !== undefined) {
    const defining = (['preset', 'permissions', 'extends', 'name', 'renamedFrom'] as const).filter(
      (name) => value[name] !== undefined,
    );
    if (defining.length > 0)
      return wrong(`An existing role is assigned, never defined: leave out ${defining.join(', ')}.`);
  }
  const scope = scopeOf(key, value, place, findings);
  const ownName = value.existing?.name ?? value.name;
  const name = ownName === undefined ? defaultName(key, scope) : template(ownName, `roles.${key}`, place, findings);
  const renamedFrom =
    value.renamedFrom === undefined ? undefined : template(value.renamedFrom, `roles.${key}`, place, findings);
  if (scope === undefined || name === undefined || (value.renamedFrom !== undefined && renamedFrom === undefined))
    return undefined;
  const captures = [...new Set([...name.captures, ...foldersOf(scope).flatMap((folder) => folder.captures)])].sort();
  const stray = renamedFrom?.captures.filter((capture) => !captures.includes(capture)) ?? [];
  if (stray.length > 0) return wrong(`renamedFrom uses {${stray.join('}, {')}}, which the role does not.`);
  const lost = foldersOf(scope).flatMap((folder) =>
    folder.captures.filter((capture) => !name.captures.includes(capture)),
  );
  if (lost.length > 0)
    findings.push(
      found(
        'policy.same-name',
        `roles.${key}`,
        `The name does not use {${lost[0]}}, so that every value would give one role the same name.`,
        place,
      ),
    );
  checkName(key, name, value.existing === undefined, place, findings);
  const permissions = value.existing === undefined ? permissionsOf(key, entries, findings) : [];
  if (value.existing === undefined && permissions.length === 0)
    wrong('It gives nothing: write `permissions`, `preset` or `extends`.');
  checkPermissions(key, value, permissions, place, findings);
  return {
    ...place,
    key,
    scope,
    name,
    permissions,
    administer: value.administer ?? false,
    entries: value.entries ?? 'additive',
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
    captures,
  };
}

function scopeOf(key: string, value: RoleDocument, place: Place, findings: Finding[]): PolicyScope | undefined {
  if (value.existing !== undefined) return { kind: 'existing', type: value.existing.type };
  if (value.scope === undefined || value.scope === 'global') return { kind: 'global' };
  const folder = template(value.scope.folder, `roles.${key}`, place, findings);
  if (folder === undefined) return undefined;
  const problem = folderProblem(sample(folder));
  if (problem !== undefined) {
    findings.push(
      found('policy.folder', `roles.${key}`, `"${folder.source}" is no folder's full name: ${problem}.`, place),
    );
    return undefined;
  }
  return { kind: 'folder', folder, children: value.scope.children ?? true, parents: value.scope.parents === 'read' };
}

function foldersOf(scope: PolicyScope): Template[] {
  return scope.kind === 'folder' ? [scope.folder] : [];
}

/** The role's key and its captures, each after a hyphen. */
function defaultName(key: string, scope: PolicyScope | undefined): Template {
  const captures = scope?.kind === 'folder' ? scope.folder.captures : [];
  return parseTemplate([key, ...captures.map((capture) => `{${capture}}`)].join('-')) as Template;
}

function checkName(key: string, name: Template, defined: boolean, place: Place, findings: Finding[]): void {
  const problem = defined ? roleNameProblem(sample(name)) : undefined;
  if (problem !== undefined)
    findings.push(
      found('policy.role-name', `roles.${key}`, `"${name.source}" cannot be the name of a role: ${problem}.`, place),
    );
}

function sample(text: Template): string {
  return render(text, Object.fromEntries(text.captures.map((capture) => [capture, 'x'])));
}

/** Permissions of the role and of those it extends, each once, in the order written. */
function permissionsOf(key: string, entries: ReadonlyMap<string, Entry<RoleDocument>>, findings: Finding[]): string[] {
  const collected = new Set<string>();
  const seen = new Set<string>();
  for (let at: string | undefined = key; at !== undefined; ) {
    const entry: Entry<RoleDocument> | undefined = entries.get(at);
    if (entry === undefined || seen.has(at)) break;
    seen.add(at);
    for (const permission of [
      ...(entry.value.preset === undefined ? [] : PRESETS[entry.value.preset]),
      ...(entry.value.permissions ?? []),
    ])
      collected.add(titleOf(permission));
    at = entry.value.extends;
    const base = at === undefined ? undefined : entries.get(at);
    if (at === undefined || (base !== undefined && base.value.existing === undefined && !seen.has(at))) continue;
    if (at === key || entry === entries.get(key)) findings.push(extendsFinding(key, at, entries, entry.place));
    break;
  }
  return [...collected];
}

function extendsFinding(
  key: string,
  base: string,
  entries: ReadonlyMap<string, Entry<RoleDocument>>,
  place: Place,
): Finding {
  const known = entries.get(base);
  if (known?.value.existing !== undefined)
    return found(
      'policy.extends',
      `roles.${key}`,
      `It extends ${base}, whose permissions are on Jenkins and not here.`,
      place,
    );
  if (known !== undefined)
    return found('policy.extends', `roles.${key}`, `It extends itself by way of ${base}.`, place);
  const near = nearest(base, [...entries.keys()]);
  const hint = near === undefined ? '.' : `; did you mean ${near}?`;
  return found('policy.unknown-role', `roles.${key}`, `It extends the unknown role ${base}${hint}`, place);
}

function checkPermissions(
  key: string,
  value: RoleDocument,
  permissions: readonly string[],
  place: Place,
  findings: Finding[],
): void {
  for (const permission of permissions) {
    if (!looksLikePermission(permission))
      findings.push(
        found(
          'policy.invalid',
          `roles.${key}`,
          `"${permission}" is no permission: write Group/Name as Jenkins shows it, or an id.`,
          place,
        ),
      );
    if (isRefused(idOf(permission)))
      findings.push(found('policy.permission-refused', `roles.${key}`, `${permission} cannot be given.`, place));
  }
  const administrative = permissions.filter((permission) => isAdministrative(idOf(permission)));
  if (administrative.length > 0 && value.administer !== true)
    findings.push(
      found(
        'policy.administer',
        `roles.${key}`,
        `It gives ${administrative.join(', ')} and is not marked as administrative.`,
        place,
      ),
    );
}
