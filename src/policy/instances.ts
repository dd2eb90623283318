import type { Finding } from '../access/finding.ts';
import type { Values } from './captures/template.ts';
import type { BlockedRole, DesiredRole, PolicyTarget } from './evaluation.ts';
import { found } from './finding.ts';
import type { Policy } from './policy.ts';
import { type Instance, type Made, type Renderer, rendererFor } from './renderer.ts';

/** The roles that are wanted on one controller, and what blocks them there (semantics §10). */
export class Instances {
  readonly #policy: Policy;
  readonly #target: PolicyTarget;
  readonly #renderer: Renderer;
  readonly #used = new Set<Instance>();
  readonly #byKey = new Map<string, Made[]>();
  readonly #findings = new Set<Finding>();

  constructor(policy: Policy, target: PolicyTarget) {
    this.#policy = policy;
    this.#target = target;
    this.#renderer = rendererFor(policy, target);
  }

  /** The instance, or undefined where a value makes no legal name, or is not given. */
  of(key: string, values: Values): Instance | undefined {
    const role = this.#policy.roles.get(key);
    if (role === undefined || !role.captures.every((capture) => Object.hasOwn(values, capture))) return undefined;
    const rendered = this.#renderer.render(role, values);
    for (const finding of this.#renderer.findings(role)) this.#findings.add(finding);
    if (rendered.instance === undefined) {
      this.#findings.add(rendered.problem);
      return undefined;
    }
    const { instance } = rendered;
    if (this.#used.has(instance)) return instance;
    this.#used.add(instance);
    this.#enter(instance.main);
    if (instance.companion !== undefined) this.#enter(instance.companion);
    return instance;
  }

  /** All roles asked for, in the order of their keys; where definitions differ, the first one stands and the role is blocked. */
  result(): { readonly roles: DesiredRole[]; readonly blocked: BlockedRole[]; readonly findings: readonly Finding[] } {
    const roles: DesiredRole[] = [];
    const blocked: BlockedRole[] = [];
    for (const [, candidates] of [...this.#byKey].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const first = candidates.reduce((best, other) => (precedes(other.role, best.role) ? other : best));
      const rival = candidates.find(({ role }) => differs(first.role, role));
      const { type, name, policyRole, pattern } = first.role;
      roles.push(first.role);
      const code = rival === undefined ? candidates.find((made) => made.blockedBy)?.blockedBy : 'policy.same-name';
      if (code !== undefined) blocked.push({ type, name, code });
      if (rival === undefined) continue;
      const text = `${policyRole} and ${rival.role.policyRole} define it differently (${pattern} and ${rival.role.pattern}).`;
      this.#findings.add(found('policy.same-name', `${this.#target.name}: ${name}`, text, rival.role));
    }
    return { roles, blocked, findings: [...this.#findings] };
  }

  #enter(made: Made): void {
    const list = this.#byKey.get(made.key);
    if (list === undefined) this.#byKey.set(made.key, [made]);
    else list.push(made);
  }
}

/** Whether two roles of one name are not the same role. Roles made by hand and companions of one chain are. */
function differs(a: DesiredRole, b: DesiredRole): boolean {
  if (a.existing !== b.existing || (a.companionOf === undefined) !== (b.companionOf === undefined)) return true;
  if (a.existing || a.companionOf !== undefined) return a.pattern !== b.pattern;
  return a.policyRole !== b.policyRole || a.pattern !== b.pattern;
}

function precedes(a: DesiredRole, b: DesiredRole): boolean {
  if (a.policyRole !== b.policyRole) return a.policyRole < b.policyRole;
  if (a.pattern !== b.pattern) return a.pattern < b.pattern;
  return (a.companionOf?.name ?? '') < (b.companionOf?.name ?? '');
}
