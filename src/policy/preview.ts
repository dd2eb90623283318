import type { Reason } from '../access/reason.ts';
import { roleKey } from '../access/role.ts';
import { evaluate } from './evaluate.ts';
import type { PolicyTarget } from './evaluation.ts';
import { type Facts, type GroupFact, nameKey } from './facts.ts';
import { idOf, titleOf } from './permissions.ts';
import type { Policy } from './policy.ts';
import { missingByRule, whyNot } from './whyNot.ts';

/** Somebody who may not exist yet. */
interface PreviewPerson {
  readonly user: string;
  /** Names of groups. */
  readonly groups: readonly string[];
}

interface PreviewOptions {
  /** Milliseconds since the epoch by which `until` is judged; absent: no rule has ended. */
  readonly now?: number;
  /** The connection the person is of; absent: the primary one. */
  readonly connection?: string;
  readonly primaryConnection?: string;
}

/** What somebody would get where and why, and what they would not; the shape of `explain` (interfaces.md). */
interface Preview {
  readonly user: string;
  readonly controllers: readonly {
    readonly name: string;
    readonly jenkinsId: null;
    readonly active: true;
    readonly grants: readonly {
      readonly role: string;
      readonly scope: string;
      /** Titles. */
      readonly permissions: readonly string[];
      readonly effective: false;
      readonly reasons: readonly Reason[];
    }[];
    readonly whyNot: readonly { readonly rule: string; readonly missing: string }[];
  }[];
}

const SOMEONE = 'preview';

/**
 * Facts of a directory in which this person is in these groups and nobody else exists. The groups that `unless` names exist too:
 * otherwise such rules would give nothing new.
 */
function previewFacts(policy: Policy, { user, groups }: PreviewPerson, options: PreviewOptions = {}): Facts {
  const primaryConnection = options.primaryConnection ?? '';
  const connection = options.connection ?? primaryConnection;
  const found = new Map<string, GroupFact>();
  const add = (of: string, displayName: string, externalId?: string): string => {
    const id = `${of}\u0000${externalId ?? nameKey(displayName)}`;
    found.set(id, {
      id,
      connection: of,
      displayName,
      parents: [],
      ...(externalId === undefined ? {} : { externalId }),
    });
    return id;
  };
  for (const rule of policy.rules)
    for (const group of rule.unless)
      if ('externalId' in group) add(rule.from ?? primaryConnection, group.externalId, group.externalId);
      else add(rule.from ?? primaryConnection, group.name.source);
  const since = new Date(options.now ?? 0).toISOString();
  const edges = groups.map((name) => ({ group: add(connection, name), since }));
  return {
    people: [{ id: SOMEONE, connection, userName: user, active: true, groups: edges }],
    groups: found,
    bindings: [],
    expired: new Set(),
    now: options.now ?? 0,
    primaryConnection,
  };
}

/** What a person in these groups would get on each controller, why, and what is missing for the rest. */
export function preview(
  policy: Policy,
  person: PreviewPerson,
  targets: readonly PolicyTarget[],
  options: PreviewOptions = {},
): Preview {
  const facts = previewFacts(policy, person, options);
  return { user: person.user, controllers: targets.map((target) => previewOn(policy, facts, target)) };
}

function previewOn(policy: Policy, facts: Facts, target: PolicyTarget) {
  const evaluation = evaluate(policy, facts, target);
  const roles = new Map(evaluation.roles.map((role) => [roleKey(role), role]));
  const blocked = new Set(evaluation.blocked.map(roleKey));
  const title = (id: string): string =>
    target.catalogue?.find((permission) => permission.id === id)?.title ?? titleOf(idOf(id));
  const grants = evaluation.grants
    .filter((grant) => grant.person === SOMEONE && !blocked.has(roleKey(grant.role)))
    .map((grant) => {
      const role = roles.get(roleKey(grant.role))!;
      return {
        role: role.name,
        scope: role.scope,
        permissions: role.permissions.map(title),
        effective: false as const,
        reasons: grant.reasons.map(({ since: _, groupId: __, ...reason }) => reason),
      };
    });
  const not = missingByRule(whyNot(policy, facts, target, SOMEONE));
  return { name: target.name, jenkinsId: null, active: true as const, grants, whyNot: not };
}
