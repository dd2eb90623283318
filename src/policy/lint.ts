import type { Finding } from '../access/finding.ts';
import { nearest } from '../config/nearest.ts';
import { compile } from './compile.ts';
import { typeOf } from './document/sameName.ts';
import type { PolicyTarget } from './evaluation.ts';
import { found } from './finding.ts';
import { ITEM_READ, idOf, isReadOnly, KNOWN_TITLES, titleOf } from './permissions.ts';
import type { Policy, PolicyRole, Rule } from './policy.ts';
import { ancestors } from './quote.ts';
import { selects } from './selector.ts';

/** What lint may look at beside the policy; what is absent is not judged. */
export interface LintContext {
  /** Milliseconds since the epoch. */
  readonly now?: number;
  /** Names of connections, the primary one first. */
  readonly connections?: readonly string[];
  readonly controllers?: readonly Pick<PolicyTarget, 'name' | 'labels'>[];
  /** Groups of the directory. */
  readonly groups?: readonly {
    readonly connection: string;
    readonly displayName: string;
    readonly externalId?: string;
  }[];
}

/** Warnings about a sound policy, in the order of the file. Errors come from `parsePolicy`. */
export function lint(policy: Policy, context: LintContext = {}): Finding[] {
  const granted = new Set(policy.rules.flatMap(({ grants }) => grants.map(({ role }) => role)));
  return [
    ...[...policy.roles.values()].flatMap((role) => [
      ...unused(role, granted),
      ...parents(role),
      ...spelling(role),
      ...mootRead(role, granted, policy),
    ]),
    ...captureFindings(policy),
    ...policy.rules.flatMap((rule) => ruleFindings(rule, context)),
    ...groupFindings(policy, context),
  ].toSorted(byPlace);
}

function unused(role: PolicyRole, granted: ReadonlySet<string>): Finding[] {
  return granted.has(role.key) ? [] : [found('policy.unused-role', `roles.${role.key}`, 'No rule grants it.', role)];
}

/** Read on an item takes Read on every folder above (jenkins.md §1.9). */
function parents(role: PolicyRole): Finding[] {
  if (role.scope.kind !== 'folder') return [];
  const reads = role.permissions.includes(ITEM_READ);
  const { folder, parents: asked } = role.scope;
  if (asked && !reads)
    return [
      found(
        'policy.parents',
        `roles.${role.key}`,
        `It asks for Read on the folders above and does not give ${ITEM_READ} on the folder.`,
        role,
      ),
    ];
  const above = ancestors(folder.source);
  if (asked || !reads || above.length === 0) return [];
  return [
    found(
      'policy.parents',
      `roles.${role.key}`,
      `It gives ${ITEM_READ} on ${folder.source}, and not on ${above.join(', ')}.`,
      role,
    ),
  ];
}

function spelling(role: PolicyRole): Finding[] {
  return role.permissions.flatMap((permission) => {
    const title = titleOf(permission);
    if (!title.includes('/') || KNOWN_TITLES.includes(title)) return [];
    const near = nearest(title, KNOWN_TITLES);
    const group = (text: string): string => text.slice(0, text.indexOf('/')).toLowerCase();
    if (near === undefined || group(near) !== group(title)) return [];
    return [
      found(
        'policy.permission-spelling',
        `roles.${role.key}`,
        `${permission} is not known to Jenkins itself; did you mean ${near}?`,
        role,
      ),
    ];
  });
}

function mootRead(role: PolicyRole, granted: ReadonlySet<string>, { roles }: Policy): Finding[] {
  if (!granted.has(role.key) || typeOf(role) !== 'global' || !role.permissions.includes(ITEM_READ)) return [];
  const moot = [...roles.values()].filter(
    (other) => granted.has(other.key) && other.scope.kind === 'folder' && other.permissions.includes(ITEM_READ),
  );
  if (moot.length === 0) return [];
  const names = moot.slice(0, 3).map(({ key }) => key);
  return [
    found(
      'policy.moot-read',
      `roles.${role.key}`,
      `It gives ${ITEM_READ} everywhere, which makes that of ${names.join(', ')} moot for whoever has both.`,
      role,
    ),
  ];
}

function captureFindings({ captures, roles, rules }: Policy): Finding[] {
  const used = new Set([...roles.values()].flatMap((role) => role.captures));
  const written = new Map<string, string>();
  for (const rule of rules) {
    if (rule.subject.kind !== 'groups') continue;
    for (const group of rule.subject.groups) {
      if (!('name' in group)) continue;
      for (const capture of group.name.captures) {
        used.add(capture);
        const role = rule.grants.find(
          ({ role: key, values }) => !Object.hasOwn(values, capture) && writes(roles.get(key), capture),
        );
        if (role !== undefined) written.set(capture, role.role);
      }
    }
  }
  return [...captures.values()].flatMap((capture) => {
    const subject = `captures.${capture.key}`;
    if (!used.has(capture.key))
      return [found('policy.unused-capture', subject, 'Neither a rule nor a role uses it.', capture)];
    const role = written.get(capture.key);
    const lacking = [
      ...(capture.matches === undefined ? ['matches'] : []),
      ...(capture.max === undefined ? ['max'] : []),
    ];
    if (role === undefined || lacking.length === 0) return [];
    return [
      found(
        'policy.unbounded-capture',
        subject,
        `It reaches write permissions of ${role} and has no ${lacking.join(' and no ')}.`,
        capture,
      ),
    ];
  });
}

function writes(role: PolicyRole | undefined, capture: string): boolean {
  if (role === undefined || !role.captures.includes(capture)) return false;
  return role.scope.kind === 'existing' || role.permissions.some((permission) => !isReadOnly(idOf(permission)));
}

function ruleFindings(rule: Rule, { now, connections, controllers }: LintContext): Finding[] {
  const subject = `rules.${rule.id}`;
  const findings: Finding[] = [];
  const past = endOf(rule);
  if (now !== undefined && past !== undefined && past.at <= now)
    findings.push(
      found('policy.past', subject, `Its ${past.key} has passed (${new Date(past.at).toISOString()}).`, rule),
    );
  if (connections !== undefined && rule.subject.kind !== 'principal') {
    if (rule.from === undefined && connections.length > 1)
      findings.push(
        found(
          'policy.from',
          subject,
          `There are ${connections.length} connections; without \`from\` the rule reads ${connections[0]} only.`,
          rule,
        ),
      );
    if (rule.from !== undefined && !connections.includes(rule.from))
      findings.push(found('policy.unknown-connection', subject, `There is no connection ${rule.from}.`, rule));
  }
  if (
    controllers !== undefined &&
    controllers.length > 0 &&
    !controllers.some((target) => selects(rule.controllers, target))
  )
    findings.push(found('policy.no-controller', subject, 'It selects no controller of the configuration.', rule));
  return findings;
}

function endOf({ subject }: Rule): { readonly key: string; readonly at: number } | undefined {
  if (subject.kind === 'user') return { key: 'until', at: subject.until };
  return subject.kind === 'principal' ? { key: 'review', at: subject.review } : undefined;
}

function groupFindings(policy: Policy, { groups, connections }: LintContext): Finding[] {
  if (groups === undefined) return [];
  const primary = connections?.[0];
  const compiled = compile(policy);
  const matched = new Set<Rule>();
  for (const { connection, displayName, externalId } of groups) {
    const isPrimary = primary === undefined || connection === primary;
    const meanings = [
      ...compiled.byName(connection, isPrimary, displayName).meanings,
      ...(externalId === undefined ? [] : compiled.byExternalId(connection, isPrimary, externalId)),
    ];
    for (const { mention } of meanings) if (mention.role === 'subject') matched.add(mention.rule);
  }
  return policy.rules
    .filter((rule) => rule.subject.kind === 'groups' && !matched.has(rule))
    .map((rule) =>
      found('policy.no-group', `rules.${rule.id}`, 'No group of the directory has a name that it names.', rule),
    );
}

function byPlace(a: Finding, b: Finding): number {
  const files = (a.file ?? '') < (b.file ?? '') ? -1 : (a.file ?? '') > (b.file ?? '') ? 1 : 0;
  return files || (a.line ?? 0) - (b.line ?? 0);
}
