import assert from 'node:assert/strict';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { DesiredGrant, Evaluation, PolicyTarget } from '../../src/policy/evaluation.ts';
import type { Binding, Facts, GroupFact, PersonFact } from '../../src/policy/facts.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import type { Policy } from '../../src/policy/policy.ts';

export const SINCE = '2026-11-01T08:00:00.000Z';
export const NOW = Date.parse('2026-11-24T08:00:00.000Z');
export const CI: PolicyTarget = { name: 'ci', labels: { env: 'prod' } };

/** Parses a policy that has to be sound; `version: 1` is added. */
export function policyOf(text: string): Policy {
  const result = parsePolicy([{ path: 'policy.yaml', text: `version: 1\n${text}` }]);
  assert.deepEqual(result.findings, []);
  return result.policy!;
}

export interface Directory {
  /** Person → groups. */
  readonly people?: Readonly<Record<string, readonly string[]>>;
  /** Names of groups that nobody is in. */
  readonly empty?: readonly string[];
  /** Group → groups it is a member of. */
  readonly nested?: Readonly<Record<string, readonly string[]>>;
  readonly inactive?: readonly string[];
  readonly bindings?: readonly Binding[];
  readonly expired?: readonly string[];
  readonly now?: number;
  readonly connection?: string;
  readonly holders?: Facts['holders'];
}

/** Ids are `g:NAME` and `p:NAME`; everything is of the connection okta, which is primary. */
export function factsOf(directory: Directory): Facts {
  const { people = {}, empty = [], nested = {}, inactive = [], connection = 'okta' } = directory;
  const names = new Set([
    ...Object.values(people).flat(),
    ...empty,
    ...Object.keys(nested),
    ...Object.values(nested).flat(),
  ]);
  const edge = (group: string) => ({ group: `g:${group}`, since: SINCE, request: 'r1', credential: 'c1' });
  const groups = new Map(
    [...names].map((name): [string, GroupFact] => [
      `g:${name}`,
      { id: `g:${name}`, connection, displayName: name, parents: (nested[name] ?? []).map(edge) },
    ]),
  );
  return {
    people: Object.entries(people).map(
      ([name, of]): PersonFact => ({
        id: `p:${name}`,
        connection,
        userName: name,
        active: !inactive.includes(name),
        groups: of.map(edge),
      }),
    ),
    groups,
    bindings: directory.bindings ?? [],
    expired: new Set(directory.expired ?? []),
    now: directory.now ?? NOW,
    primaryConnection: 'okta',
    ...(directory.holders === undefined ? {} : { holders: directory.holders }),
  };
}

/** Evaluates on the controller ci, or another. */
export function judged(policy: Policy, directory: Directory, target: PolicyTarget = CI): Evaluation {
  return evaluate(policy, factsOf(directory), target);
}

/** Names of the roles somebody gets, sorted. */
export function rolesOf(grants: readonly DesiredGrant[], name: string): string[] {
  return grants
    .filter(({ person, principal }) => person === `p:${name}` || principal === name)
    .map(({ role }) => role.name)
    .sort();
}

export function codesOf(findings: readonly { readonly code: string }[]): string[] {
  return [...new Set(findings.map(({ code }) => code))].sort();
}

/** Two roles, a capture and the rule most tests are about. */
export const BASIC = `
roles:
  browser: { scope: global, preset: browse }
  developer:
    scope: { folder: "{team}" }
    name: "{team}-developer"
    permissions: [Job/Read, Job/Build]
captures:
  team: { matches: "[a-z][a-z0-9]*", max: 200, map: { pay: payments } }
rules:
  - { id: everyone, groups: [ci-users, ci-guests], grant: browser }
  - { id: teams, group: "ci-{team}-dev", grant: developer, unless: { group: contractors } }
`;
