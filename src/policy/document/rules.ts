import type { Finding } from '../../access/finding.ts';
import { isReservedId } from '../../access/principal.ts';
import { nearest } from '../../config/nearest.ts';
import { valueProblem } from '../captures/names.ts';
import type { Values } from '../captures/template.ts';
import { nameKey } from '../facts.ts';
import { found, type Place, type PolicyCode } from '../finding.ts';
import type { GrantRef, GroupRef, PolicyRole, Rule, Selector, Subject } from '../policy.ts';
import { parseUntil } from '../until.ts';
import { type Entry, template } from './roles.ts';
import type { GroupDocument, RuleDocument } from './schema.ts';

/** What rules refer to. `known` holds the names of roles that were defined, sound or not. */
interface Definitions {
  readonly roles: ReadonlyMap<string, PolicyRole>;
  /** Names of captures that were defined, sound or not. */
  readonly captures: ReadonlySet<string>;
  readonly known: readonly string[];
}

/** A rule, or nothing where it is reported. */
export function buildRule(
  { value, place }: Entry<RuleDocument>,
  definitions: Definitions,
  findings: Finding[],
): Rule | undefined {
  const before = findings.length;
  const report = (code: PolicyCode, text: string): void => {
    findings.push(found(code, `rules.${value.id}`, text, place));
  };
  const subject = subjectOf(value, place, findings, report);
  const unless = unlessOf(value, place, findings, report);
  const grants = grantsOf(value, definitions, report);
  if (subject !== undefined) {
    if (value.from !== undefined && subject.kind === 'principal')
      report('policy.invalid', '`from` says nothing about a principal.');
    if (unless.length > 0 && subject.kind === 'principal') report('policy.unless', 'A principal is in no group.');
    checkCaptures(subject, grants, definitions, report);
  }
  if (subject === undefined || findings.length > before) return undefined;
  return {
    ...place,
    id: value.id,
    subject,
    grants,
    controllers: selectorOf(value.controllers),
    unless,
    ...(value.from === undefined ? {} : { from: value.from }),
  };
}

type Report = (code: PolicyCode, text: string) => void;

function subjectOf(value: RuleDocument, place: Place, findings: Finding[], report: Report): Subject | undefined {
  const given = [
    ...(value.group === undefined && value.groups === undefined ? [] : ['group']),
    ...(value.user === undefined ? [] : ['user']),
    ...(value.principal === undefined ? [] : ['principal']),
  ];
  if (given.length !== 1) {
    report('policy.invalid', 'A rule is about exactly one of `group` (or `groups`), `user` and `principal`.');
    return undefined;
  }
  const only = (keys: readonly (keyof RuleDocument)[], owner: string): void => {
    const stray = keys.filter((key) => value[key] !== undefined);
    if (stray.length > 0 && value[owner as keyof RuleDocument] === undefined)
      report(
        'policy.invalid',
        `${stray.map((key) => `\`${key}\``).join(', ')} ${stray.length === 1 ? 'goes' : 'go'} with \`${owner}\` only.`,
      );
  };
  only(['until'], 'user');
  only(['owner', 'reason', 'review'], 'principal');
  if (value.user !== undefined) return userOf(value.user, value.until, report);
  if (value.principal !== undefined) return principalOf(value, report);
  const groups = groupsOf(value, `rules.${value.id}`, place, findings);
  for (const group of groups)
    if ('name' in group && group.name.captures.length === 0 && isReserved(group.name.source))
      report('policy.reserved-name', `The group ${group.name.source} is one of Jenkins itself.`);
  return { kind: 'groups', groups };
}

function userOf(user: string, until: string | undefined, report: Report): Subject | undefined {
  if (isReserved(user)) report('policy.reserved-name', `${user} can never be a person.`);
  const end = until === undefined ? undefined : parseUntil(until);
  if (end !== undefined) return { kind: 'user', user, until: end };
  report(
    'policy.invalid',
    until === undefined
      ? 'A rule for one person needs an end: until.'
      : `until: "${until}" is neither a day (2027-03-31) nor an instant with an offset.`,
  );
  return undefined;
}

function principalOf({ principal = '', owner, reason, review }: RuleDocument, report: Report): Subject | undefined {
  if (isReserved(principal)) report('policy.reserved-name', `${principal} can never be an account.`);
  if (principal !== principal.trim()) report('policy.invalid', 'The principal starts or ends with a space.');
  const end = review === undefined ? undefined : parseUntil(review);
  if (owner !== undefined && reason !== undefined && end !== undefined)
    return { kind: 'principal', principal, owner, reason, review: end };
  report(
    'policy.invalid',
    review !== undefined && end === undefined
      ? `review: "${review}" is neither a day (2027-03-31) nor an instant with an offset.`
      : 'A rule for an account needs owner, reason and review.',
  );
  return undefined;
}

function groupsOf(
  { group, groups }: { readonly group?: GroupDocument; readonly groups?: readonly GroupDocument[] },
  subject: string,
  place: Place,
  findings: Finding[],
): GroupRef[] {
  return [...(group === undefined ? [] : [group]), ...(groups ?? [])].flatMap((written): GroupRef[] => {
    if (typeof written !== 'string') return [{ externalId: written.externalId }];
    const name = template(written, subject, place, findings);
    if (name === undefined) return [];
    const holes = name.parts.flatMap((part) => ('capture' in part ? [part.capture] : []));
    if (new Set(holes).size === holes.length) return [{ name }];
    findings.push(found('policy.invalid', subject, `"${written}" uses a capture twice.`, place));
    return [];
  });
}

function unlessOf(value: RuleDocument, place: Place, findings: Finding[], report: Report): GroupRef[] {
  if (value.unless === undefined) return [];
  const groups = groupsOf(value.unless, `rules.${value.id}`, place, findings);
  if (groups.length === 0) report('policy.unless', '`unless` names no group.');
  for (const group of groups)
    if ('name' in group && isReserved(group.name.source))
      report('policy.reserved-name', `The group ${group.name.source} is one of Jenkins itself.`);
  if (groups.some((group) => 'name' in group && group.name.captures.length > 0))
    report('policy.unless', 'A capture in `unless` is not in this version.');
  return groups;
}

function grantsOf(value: RuleDocument, { roles, known }: Definitions, report: Report): GrantRef[] {
  const written = Array.isArray(value.grant) ? value.grant : [value.grant];
  const grants = written.map((grant): GrantRef => {
    if (typeof grant === 'string') return { role: grant, values: {} };
    const { role, ...values } = grant;
    return { role, values };
  });
  for (const { role } of grants) {
    if (roles.has(role) || known.includes(role)) continue;
    const near = nearest(role, known);
    report('policy.unknown-role', `Unknown role ${role}${near === undefined ? '.' : `; did you mean ${near}?`}`);
  }
  return grants;
}

function checkCaptures(
  subject: Subject,
  grants: readonly GrantRef[],
  { roles, captures }: Definitions,
  report: Report,
): void {
  const sources = subject.kind === 'groups' ? subject.groups.map(capturesOf) : [[]];
  for (const name of new Set(sources.flat()))
    if (!captures.has(name)) report('policy.unknown-capture', unknownCapture(name, captures));
  for (const { role: key, values } of grants) {
    const role = roles.get(key);
    if (role === undefined) continue;
    checkValues(role, values, report);
    for (const source of sources)
      for (const capture of role.captures)
        if (!Object.hasOwn(values, capture) && !source.includes(capture))
          report(
            'policy.capture-missing',
            `The role ${key} needs a value of {${capture}}, which the rule does not give.`,
          );
  }
}

function checkValues(role: PolicyRole, values: Values, report: Report): void {
  for (const [capture, value] of Object.entries(values)) {
    const problem = valueProblem(value);
    if (!role.captures.includes(capture))
      report('policy.unknown-capture', `The role ${role.key} has no capture {${capture}}.`);
    else if (problem !== undefined) report('policy.capture-value', `"${value}" cannot be {${capture}}: ${problem}.`);
  }
}

/** What a writer is told about a capture nobody defined. */
export function unknownCapture(name: string, captures: ReadonlySet<string>): string {
  const near = nearest(name, [...captures]);
  return `Unknown capture {${name}}${near === undefined ? '.' : `; did you mean {${near}}?`}`;
}

function capturesOf(group: GroupRef): readonly string[] {
  return 'name' in group ? group.name.captures : [];
}

function isReserved(name: string): boolean {
  return isReservedId(nameKey(name));
}

function selectorOf(written: RuleDocument['controllers']): Selector {
  if (written === undefined) return { kind: 'all' };
  if (typeof written === 'string') return { kind: 'names', names: [written] };
  if (Array.isArray(written)) return { kind: 'names', names: written };
  const labels = Object.entries(written).map(([label, value]) => [label, typeof value === 'string' ? [value] : value]);
  return { kind: 'labels', labels: Object.fromEntries(labels) };
}
