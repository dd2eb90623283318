import type { Observed } from '../../access/ports/controller.ts';
import { escaped } from '../../policy/captures/template.ts';
import { printableLine } from '../printable.ts';
import { commented } from './document.ts';

const HEADER = `Who gets which role, by group of the identity provider. Rules only add; nobody has anything by default.
Check: jenkins-scim policy lint. What would change: jenkins-scim plan. The language: docs/policy.md.`;

const ADMINISTRATIVE = /^hudson\.model\.Hudson\.(Administer|RunScripts|UploadPlugins|ConfigureUpdateCenter|Manage)$/;

/** The commented policy.yaml to start from; with several connections each rule says whose groups it reads. */
export function policyText(connections: readonly string[] = []): string {
  const from = fromOf(connections);
  const value = {
    version: 1,
    roles: {
      administrator: { scope: 'global', permissions: ['Overall/Administer'], administer: true },
      browser: { scope: 'global', preset: 'browse' },
      developer: {
        scope: { folder: '{team}', parents: 'read' },
        name: '{team}-developer',
        permissions: ['Job/Read', 'Job/Build', 'Job/Cancel', 'Job/Workspace'],
      },
    },
    captures: { team: { matches: '[a-z][a-z0-9-]*', max: 200 } },
    rules: [
      { id: 'admins', ...from, group: 'jenkins-admins', grant: 'administrator' },
      { id: 'everyone', ...from, group: 'ci-users', grant: 'browser' },
      { id: 'team-developers', ...from, group: 'ci-{team}-dev', grant: 'developer' },
    ],
  };
  return commented(value, HEADER, {
    'roles/administrator': 'administer: true is required wherever a role can administer: it is never an accident.',
    'roles/browser': 'Enough to log in and to see what other roles show.',
    'roles/developer': 'One role per team: group ci-pay-dev gives the role pay-developer on the folder pay and below.',
    captures: 'What {team} may be.',
    rules: 'Rule ids are stable: the ledger and explain quote them.',
  });
}

/** Entries that are named in one comment. */
const SHOWN = 10;

function fromOf(connections: readonly string[]): { readonly from?: string } {
  return connections.length > 1 ? { from: connections[0]! } : {};
}

/**
 * A proposal from what a controller has: its roles, assigned as they are by the groups that hold them now. Of an entry from before
 * role-strategy told groups from people nobody knows which it is: it is named. What no group holds is in a comment: `policy lint` would
 * warn of each.
 */
export function proposedPolicy(observed: Observed, connections: readonly string[] = []): string {
  let unclear = false;
  const keys = new Set<string>();
  const comments: Record<string, string> = {};
  const roles: Record<string, unknown> = {};
  const spare: string[] = [];
  const rules: Record<string, unknown>[] = [];
  for (const role of observed.roles) {
    const key = uniqueKey(role.name, keys);
    keys.add(key);
    const administrative = role.permissions.some((permission) => ADMINISTRATIVE.test(permission));
    const users = role.entries.filter((entry) => entry.type === 'user').length;
    const review = administrative ? ['REVIEW: this role administers.'] : [];
    const named = role.entries.filter(({ id }) => !/^(authenticated|anonymous)$/i.test(id));
    const either = named.filter(({ type }) => type === 'either').map(({ id }) => printableLine(id));
    const shown = `${either.slice(0, SHOWN).join(', ')}${either.length > SHOWN ? ', …' : ''}`;
    const mixed = either.length === 0 ? '' : `, ${either.length} that may be a person or a group: ${shown}`;
    if (either.length > 0) unclear = true;
    const said = [...review, `${role.permissions.length} permission(s), ${users} person(s) by hand${mixed}.`];
    const groups = named.filter(({ type }) => type === 'group');
    const existing = { type: role.type, name: escaped(role.name) };
    if (groups.length > 0) {
      roles[key] = { existing, ...(administrative ? { administer: true } : {}) };
      comments[`roles/${key}`] = said.join('\n');
    } else {
      const marker = administrative ? ', administer: true' : '';
      const value = `{ existing: { type: ${existing.type}, name: ${JSON.stringify(existing.name)} }${marker} }`;
      spare.push(`  ${key}: ${printableLine(value)} # ${said.join(' ')}`);
    }
    for (const entry of groups)
      rules.push({
        id: uniqueKey(`${key}-${entry.id}`, new Set(rules.map((rule) => String(rule.id)))),
        ...fromOf(connections),
        group: escaped(entry.id),
        grant: key,
      });
  }
  const found =
    rules.length === 0
      ? 'No role is held by what is surely a group. Add: - { id: NAME, group: GROUP, grant: ROLE }'
      : 'One rule per group that holds a role today. REVIEW each: the groups of the identity provider may be called otherwise.';
  comments.rules = [
    ...(spare.length > 0
      ? ['Roles that no group holds. A rule for one needs its line under roles, without the #:', ...spare]
      : []),
    found,
    ...(unclear ? ['REVIEW what may be a person or a group: a rule for each that is one.'] : []),
  ].join('\n');
  return commented({ version: 1, roles, rules }, HEADER, comments);
}

function uniqueKey(name: string, taken: ReadonlySet<string>): string {
  const base =
    name
      .normalize('NFKD')
      .replace(/\p{M}+/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 48) || 'role';
  let key = base;
  for (let count = 2; taken.has(key); count++) key = `${base}-${count}`;
  return key;
}
