import type { Finding } from '../access/finding.ts';
import { roleKey } from '../access/role.ts';
import { PermissionJudge, type Resolved } from './authority.ts';
import { folderProblem, roleNameProblem } from './captures/names.ts';
import { render, type Values } from './captures/template.ts';
import { typeOf } from './document/sameName.ts';
import type { DesiredRole, PolicyTarget } from './evaluation.ts';
import { found } from './finding.ts';
import { ITEM_READ, idOf } from './permissions.ts';
import type { Policy, PolicyRole } from './policy.ts';
import { ancestors, exactPattern, folderPattern } from './quote.ts';

/** A role on one controller, with its `roleKey`. */
export interface Made {
  readonly key: string;
  readonly role: DesiredRole;
  /** Code of the finding for which it may neither gain nor lose there (semantics §10). */
  readonly blockedBy?: Code;
}

/** A role with its captures filled in: the role itself, and the companion that gives Read on the folders above. */
export interface Instance {
  readonly main: Made;
  readonly companion?: Made;
}

/** What filling in gave. */
type Rendered = { readonly instance: Instance } | { readonly instance?: undefined; readonly problem: Finding };

/** The name of the companion role for the folders above `folder`: one per chain, shared by all folders of one parent. */
function companionName(parent: string): string {
  return `parents:${parent.replaceAll(',', '%2C')}`;
}

const MAX_CACHE = 50_000;
const MAX_TARGETS = 1000;
const renderers = new WeakMap<
  Policy,
  Map<string, { readonly catalogue: PolicyTarget['catalogue']; readonly renderer: Renderer }>
>();

/** The renderer of a policy for a controller; made anew when its catalogue was read anew. */
export function rendererFor(policy: Policy, { name, catalogue }: PolicyTarget): Renderer {
  let byName = renderers.get(policy);
  if (byName === undefined || byName.size > MAX_TARGETS) {
    byName = new Map();
    renderers.set(policy, byName);
  }
  const known = byName.get(name);
  if (known !== undefined && known.catalogue === catalogue) return known.renderer;
  const renderer = new Renderer(name, catalogue);
  byName.set(name, { catalogue, renderer });
  return renderer;
}

/** Renders the roles of one controller, each instance once. */
export class Renderer {
  readonly #target: string;
  readonly #judge: PermissionJudge;
  readonly #permissions = new Map<string, { readonly resolved: Resolved; readonly findings: readonly Finding[] }>();
  readonly #rendered = new Map<string, Rendered>();
  /** Values of a name are one object as long as the policy is compiled: most answers are found without making a key. */
  readonly #byValues = new WeakMap<Values, Map<PolicyRole, Rendered>>();

  constructor(target: string, catalogue: PolicyTarget['catalogue']) {
    this.#target = target;
    this.#judge = new PermissionJudge(catalogue, idOf);
  }

  /** The instance for these values, which have to hold all captures of the role. */
  render(role: PolicyRole, values: Values): Rendered {
    let byRole = this.#byValues.get(values);
    if (byRole === undefined) {
      byRole = new Map();
      this.#byValues.set(values, byRole);
    }
    const known = byRole.get(role);
    if (known !== undefined) return known;
    const rendered = this.#byKey(role, values);
    byRole.set(role, rendered);
    return rendered;
  }

  #byKey(role: PolicyRole, values: Values): Rendered {
    const at = [role.key, ...role.captures.map((capture) => values[capture])].join('\u0000');
    const known = this.#rendered.get(at);
    if (known !== undefined) return known;
    if (this.#rendered.size >= MAX_CACHE) this.#rendered.clear();
    const rendered = this.#make(role, values);
    this.#rendered.set(at, rendered);
    return rendered;
  }

  #make(role: PolicyRole, values: Values): Rendered {
    const name = render(role.name, values);
    const folder = role.scope.kind === 'folder' ? render(role.scope.folder, values) : undefined;
    const problem =
      role.scope.kind === 'existing'
        ? undefined
        : (roleNameProblem(name) ?? (folder === undefined ? undefined : folderProblem(folder)));
    if (problem !== undefined) {
      const text = `The role "${name}" cannot be made: ${problem}.`;
      return { problem: found('policy.instance', `${this.#target}: ${role.key}`, text, role) };
    }
    const permissions = this.#permissionsOf(role).resolved;
    const main: DesiredRole = {
      type: typeOf(role),
      name,
      pattern:
        role.scope.kind === 'folder'
          ? folderPattern(folder!, role.scope.children)
          : role.scope.kind === 'global'
            ? '.*'
            : '',
      permissions: permissions.ids,
      policyRole: role.key,
      file: role.file,
      line: role.line,
      existing: role.scope.kind === 'existing',
      administrative: role.scope.kind === 'existing' ? role.administer : permissions.administrative.length > 0,
      entries: role.entries,
      scope: scopeText(role, folder),
      ...(role.renamedFrom === undefined ? {} : { renamedFrom: render(role.renamedFrom, values) }),
    };
    const made = madeOf(main, blockedBy(permissions, role));
    const above = role.scope.kind === 'folder' && role.scope.parents ? ancestors(folder!) : [];
    return { instance: above.length === 0 ? { main: made } : { main: made, companion: this.#companion(main, above) } };
  }

  #companion(main: DesiredRole, above: readonly string[]): Made {
    const read = this.#judge.resolve([ITEM_READ]);
    const { renamedFrom: _, ...common } = main;
    const companion: DesiredRole = {
      ...common,
      name: companionName(above.at(-1)!),
      pattern: exactPattern(above),
      permissions: read.ids,
      administrative: false,
      entries: 'additive',
      scope: above.map((folder) => `folder ${folder} itself`).join(', '),
      companionOf: { type: main.type, name: main.name },
    };
    return madeOf(companion, read.unknown.length > 0 ? 'policy.permission-unknown' : undefined);
  }

  /** What is wrong with the permissions of a role on this controller. */
  findings(role: PolicyRole): readonly Finding[] {
    return this.#permissionsOf(role).findings;
  }

  #permissionsOf(role: PolicyRole): { readonly resolved: Resolved; readonly findings: readonly Finding[] } {
    const known = this.#permissions.get(role.key);
    if (known !== undefined) return known;
    const resolved = this.#judge.resolve(role.permissions);
    const findings: Finding[] = [];
    const judged = { resolved, findings };
    this.#permissions.set(role.key, judged);
    const subject = `${this.#target}: ${role.key}`;
    const report = (...[code, text]: [Parameters<typeof found>[0], string]): void => {
      findings.push(found(code, subject, text, role));
    };
    if (resolved.unknown.length > 0)
      report(
        'policy.permission-unknown',
        `${this.#target} does not know ${resolved.unknown.join(', ')}; the role is blocked there.`,
      );
    if (resolved.refused.length > 0)
      report('policy.permission-refused', `${resolved.refused.join(', ')} cannot be given; the role is blocked.`);
    if (resolved.disabled.length > 0)
      report(
        'policy.permission-disabled',
        `${resolved.disabled.join(', ')} is disabled on ${this.#target} and gives nothing there.`,
      );
    if (resolved.administrative.length > 0 && !role.administer)
      report(
        'policy.administer-here',
        `On ${this.#target} ${resolved.administrative.join(', ')} can administer, and the role is not marked; it is blocked there.`,
      );
    return judged;
  }
}

/** Where a role reaches, in a few words. */
function scopeText({ scope }: PolicyRole, folder?: string): string {
  if (scope.kind === 'global') return 'global';
  if (scope.kind === 'existing') return `${scope.type} role made by hand`;
  return `folder ${folder ?? scope.folder.source}${scope.children ? '' : ' itself'}`;
}

type Code = Parameters<typeof found>[0];

function madeOf(role: DesiredRole, code: Code | undefined): Made {
  return { key: roleKey(role), role, ...(code === undefined ? {} : { blockedBy: code }) };
}

function blockedBy({ unknown, refused, administrative }: Resolved, role: PolicyRole): Code | undefined {
  if (unknown.length > 0) return 'policy.permission-unknown';
  if (refused.length > 0) return 'policy.permission-refused';
  return administrative.length > 0 && !role.administer ? 'policy.administer-here' : undefined;
}
