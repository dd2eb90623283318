import type { Finding } from '../access/finding.ts';
import { type RoleKey, roleKey } from '../access/role.ts';
import { PermissionJudge, type Resolved } from './authority.ts';
import { folderProblem, roleNameProblem } from './captures/names.ts';
import { render, type Values } from './captures/template.ts';
import { typeOf } from './document/sameName.ts';
import type { DesiredRole, PolicyTarget } from './evaluation.ts';
import { found } from './finding.ts';
import { ITEM_READ, idOf } from './permissions.ts';
import type { Policy, PolicyRole } from './policy.ts';
import { ancestors, exactPattern, folderPattern } from './quote.ts';

/** A role with its captures filled in: the role itself, and the companion that gives Read on the folders above. */
export interface Instance {
  readonly role: DesiredRole;
  readonly companion?: DesiredRole;
}

/** The name of the companion role for the folders above `folder`: one per chain, shared by all folders of one parent. */
export function companionName(parent: string): string {
  return `parents:${parent.replaceAll(',', '%2C')}`;
}

/** Renders the roles of one controller, each instance once, and finds what blocks them there (semantics §10). */
export class Instances {
  readonly #policy: Policy;
  readonly #target: PolicyTarget;
  readonly #judge: PermissionJudge;
  readonly #permissions = new Map<string, Resolved>();
  readonly #made = new Map<string, Instance | undefined>();
  readonly #byKey = new Map<string, DesiredRole[]>();
  readonly #blocked = new Map<string, RoleKey>();
  readonly #findings: Finding[] = [];

  constructor(policy: Policy, target: PolicyTarget) {
    this.#policy = policy;
    this.#target = target;
    this.#judge = new PermissionJudge(target.catalogue, idOf);
  }

  /** The instance, or undefined where a value makes no legal name, or is not given. */
  of(key: string, values: Values): Instance | undefined {
    const role = this.#policy.roles.get(key);
    if (role === undefined || !role.captures.every((capture) => Object.hasOwn(values, capture))) return undefined;
    const at = [key, ...role.captures.map((capture) => values[capture])].join('\u0000');
    if (this.#made.has(at)) return this.#made.get(at);
    const made = this.#make(role, values);
    this.#made.set(at, made);
    return made;
  }

  /** All roles made so far, in the order of their keys; where definitions differ, the first one stands and the role is blocked. */
  result(): { readonly roles: DesiredRole[]; readonly blocked: RoleKey[]; readonly findings: readonly Finding[] } {
    const roles = [...this.#byKey]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, candidates]) => {
        const [first, ...others] = candidates.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
        const rival = others.find((other) => differs(first!, other));
        if (rival !== undefined) {
          this.#blocked.set(key, { type: first!.type, name: first!.name });
          this.#findings.push(
            found(
              'policy.same-name',
              `${this.#target.name}: ${first!.name}`,
              `${first!.policyRole} and ${rival.policyRole} define it differently (${first!.pattern} and ${rival.pattern}).`,
              rival,
            ),
          );
        }
        return first!;
      });
    const blocked = [...this.#blocked].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, role]) => role);
    return { roles, blocked, findings: this.#findings };
  }

  #make(role: PolicyRole, values: Values): Instance | undefined {
    const name = render(role.name, values);
    const folder = role.scope.kind === 'folder' ? render(role.scope.folder, values) : undefined;
    const problem =
      role.scope.kind === 'existing'
        ? undefined
        : (roleNameProblem(name) ?? (folder === undefined ? undefined : folderProblem(folder)));
    if (problem !== undefined) {
      this.#findings.push(
        found(
          'policy.instance',
          `${this.#target.name}: ${role.key}`,
          `The role "${name}" cannot be made: ${problem}.`,
          role,
        ),
      );
      return undefined;
    }
    const permissions = this.#permissionsOf(role);
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
    this.#add(main, isBlocking(permissions, role));
    if (role.scope.kind !== 'folder' || !role.scope.parents) return { role: main };
    const above = ancestors(folder!);
    return above.length === 0 ? { role: main } : { role: main, companion: this.#companion(main, above) };
  }

  #companion(main: DesiredRole, above: readonly string[]): DesiredRole {
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
    this.#add(companion, read.unknown.length > 0);
    return companion;
  }

  #add(role: DesiredRole, blocked: boolean): void {
    const key = roleKey(role);
    const list = this.#byKey.get(key);
    if (list === undefined) this.#byKey.set(key, [role]);
    else list.push(role);
    if (blocked) this.#blocked.set(key, { type: role.type, name: role.name });
  }

  /** Permissions of a role on this controller; what is wrong with them is reported once. */
  #permissionsOf(role: PolicyRole): Resolved {
    const known = this.#permissions.get(role.key);
    if (known !== undefined) return known;
    const resolved = this.#judge.resolve(role.permissions);
    this.#permissions.set(role.key, resolved);
    const subject = `${this.#target.name}: ${role.key}`;
    const report = (...[code, text]: [Parameters<typeof found>[0], string]): void => {
      this.#findings.push(found(code, subject, text, role));
    };
    if (resolved.unknown.length > 0)
      report(
        'policy.permission-unknown',
        `${this.#target.name} does not know ${resolved.unknown.join(', ')}; the role is blocked there.`,
      );
    if (resolved.refused.length > 0)
      report('policy.permission-refused', `${resolved.refused.join(', ')} cannot be given; the role is blocked.`);
    if (resolved.disabled.length > 0)
      report(
        'policy.permission-disabled',
        `${resolved.disabled.join(', ')} is disabled on ${this.#target.name} and gives nothing there.`,
      );
    if (resolved.administrative.length > 0 && !role.administer)
      report(
        'policy.administer-here',
        `On ${this.#target.name} ${resolved.administrative.join(', ')} can administer, and the role is not marked; it is blocked there.`,
      );
    return resolved;
  }
}

/** Where a role reaches, in a few words. */
export function scopeText({ scope }: PolicyRole, folder?: string): string {
  if (scope.kind === 'global') return 'global';
  if (scope.kind === 'existing') return `${scope.type} role made by hand`;
  return `folder ${folder ?? scope.folder.source}${scope.children ? '' : ' itself'}`;
}

function isBlocking({ unknown, refused, administrative }: Resolved, role: PolicyRole): boolean {
  return unknown.length > 0 || refused.length > 0 || (administrative.length > 0 && !role.administer);
}

/** Whether two roles of one name are not the same role. Roles made by hand and companions of one chain are. */
function differs(a: DesiredRole, b: DesiredRole): boolean {
  if (a.existing !== b.existing || (a.companionOf === undefined) !== (b.companionOf === undefined)) return true;
  if (a.existing || a.companionOf !== undefined) return a.pattern !== b.pattern;
  return a.policyRole !== b.policyRole || a.pattern !== b.pattern;
}

function order({ policyRole, pattern, companionOf }: DesiredRole): string {
  return [policyRole, pattern, companionOf?.name ?? ''].join('\u0000');
}
