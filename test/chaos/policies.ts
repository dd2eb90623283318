import type { ConnectionName } from './configuration.ts';
import type { ControllerName } from './controllers.ts';
import { EXTERNAL } from './names.ts';

/** What of the policy the walk edits. */
export interface PolicyShape {
  /** Contractors are no developers. */
  readonly unless: boolean;
  /** Auditors only there; absent: everywhere. */
  readonly auditorsOnly?: ControllerName;
  readonly entra: boolean;
  readonly everyone: boolean;
  readonly qa: boolean;
  readonly moreForDevelopers: boolean;
  /** An account of its own for auditing. */
  readonly bot: boolean;
  /** What hands put among the auditors does not stay. */
  readonly exclusive: boolean;
  /** Auditors are called examiners on the controllers. */
  readonly renamed: boolean;
  /** Folders of teams are in one folder, which developers may see. */
  readonly parents: boolean;
  /** Auditors by the externalId of a group; but those of another one that is named so, too. */
  readonly external: 'off' | 'on' | 'unless';
  /** The rule that makes administrators is there. */
  readonly admins: boolean;
  /** Who may browse may discover, too, and so may whoever has a role that extends it. */
  readonly discover: boolean;
  /** Contractors are nobody, either. */
  readonly spared: boolean;
  /** Rules are called otherwise. */
  readonly calledAnew: boolean;
  /** A rule for one person, by name, which ends (milliseconds since the epoch). `id` tells edits of it apart. */
  readonly interim?: { readonly id: string; readonly user: string; readonly until: number };
}

export const FIRST: PolicyShape = {
  unless: true,
  entra: true,
  everyone: true,
  qa: true,
  moreForDevelopers: false,
  bot: false,
  exclusive: false,
  renamed: false,
  parents: false,
  external: 'on',
  admins: true,
  discover: false,
  spared: false,
  calledAnew: false,
};

export type RoleName = 'administrator' | 'browser' | 'developer' | 'auditor' | 'qa';

/** What the auditors are called on the controllers. */
export const auditorOf = ({ renamed }: PolicyShape): string => (renamed ? 'examiner' : 'auditor');
/** The role that shows the folder above those of teams. */
export const ABOVE = 'parents:teams';

/** A rule as the oracle reads it. */
export interface RuleShape {
  readonly id: string;
  /** What it was called first: who keeps something by it keeps it by the group. */
  readonly was?: string;
  readonly connection: ConnectionName;
  readonly role: RoleName;
  readonly groups: readonly string[];
  /** `ci-{team}-dev` instead of literal names. */
  readonly perTeam?: true;
  readonly unless?: string;
  readonly only?: ControllerName;
  readonly user?: string;
  readonly until?: number;
}

export function rulesOf(shape: PolicyShape): RuleShape[] {
  return [
    ...(shape.admins
      ? [{ id: 'admins', connection: 'okta', role: 'administrator', groups: ['jenkins-admins'] } as const]
      : []),
    ...(shape.everyone
      ? [
          {
            ...{ id: shape.calledAnew ? 'all' : 'everyone', was: 'everyone' },
            connection: 'okta',
            role: 'browser',
            groups: ['ci-users', 'ci-guests'],
            ...(shape.spared ? { unless: 'contractors' } : {}),
          } as const,
        ]
      : []),
    {
      id: 'developers',
      connection: 'okta',
      role: 'developer',
      groups: [],
      perTeam: true,
      ...(shape.unless ? { unless: 'contractors' } : {}),
    },
    ...(shape.entra
      ? [{ id: 'entra-developers', connection: 'entra', role: 'developer', groups: [], perTeam: true } as const]
      : []),
    {
      ...{ id: shape.calledAnew ? 'audit' : 'auditors', was: 'auditors' },
      connection: 'okta',
      role: 'auditor',
      groups: ['auditors'],
      ...(shape.auditorsOnly === undefined ? {} : { only: shape.auditorsOnly }),
    },
    ...(shape.qa ? [{ id: 'qa', connection: 'okta', role: 'qa', groups: ['qa'] } as const] : []),
    ...(shape.external === 'off'
      ? []
      : [
          {
            id: 'external',
            connection: 'okta',
            role: 'auditor',
            groups: [`${EXTERNAL}x1`],
            ...(shape.external === 'unless' ? { unless: `${EXTERNAL}x2` } : {}),
          } as const,
          { id: 'external-qa', connection: 'okta', role: 'qa', groups: [`${EXTERNAL}x3`] } as const,
        ]),
    ...(shape.interim === undefined
      ? []
      : [
          {
            id: shape.interim.id,
            connection: 'okta',
            role: 'auditor',
            groups: [],
            user: shape.interim.user,
            until: shape.interim.until,
          } as const,
        ]),
  ];
}

/** The policy as text; `version` makes every edit another text. */
export function policyText(shape: PolicyShape, version: number): string {
  const rules = rulesOf(shape).map((rule) => {
    const lines = [`  - id: ${rule.id}`];
    lines.push(`    from: ${rule.connection}`);
    if (rule.perTeam) lines.push('    group: "ci-{team}-dev"');
    else if (rule.user !== undefined)
      lines.push(`    user: ${rule.user}`, `    until: ${new Date(rule.until!).toISOString()}`);
    else lines.push(`    groups: [${rule.groups.map(written).join(', ')}]`);
    lines.push(`    grant: ${rule.role === 'qa' ? 'legacy-qa' : rule.role}`);
    if (rule.unless !== undefined) lines.push(`    unless: { group: ${written(rule.unless)} }`);
    if (rule.only !== undefined) lines.push(`    controllers: ${rule.only}`);
    return lines.join('\n');
  });
  return `# version ${version}
version: 1
roles:
  administrator: { scope: global, permissions: [Overall/Administer], administer: true }
  browser: { scope: global, preset: browse${shape.discover ? ', permissions: [Job/Discover]' : ''} }
  auditor:
    scope: global
    extends: browser
    permissions: []
    name: ${auditorOf(shape)}
    renamedFrom: ${auditorOf({ ...shape, renamed: !shape.renamed })}
    entries: ${shape.exclusive ? 'exclusive' : 'additive'}
  developer:
    scope: ${shape.parents ? '{ folder: "teams/{team}", parents: read }' : '{ folder: "{team}" }'}
    name: "{team}-developer"
    permissions: [Job/Read, Job/Build${shape.moreForDevelopers ? ', Job/Cancel' : ''}]
  legacy-qa:
    existing: { type: item, name: qa }
captures:
  team: { matches: "[a-z][a-z0-9]*", max: 50 }
rules:
${rules.join('\n')}
${shape.bot ? BOT : ''}`;
}

function written(group: string): string {
  return group.startsWith(EXTERNAL) ? `{ externalId: ${group.slice(EXTERNAL.length)} }` : group;
}

const BOT = `  - id: bot
    principal: bot
    owner: ops
    reason: audits
    review: 2099-01-01
    grant: auditor
`;
