/** Permissions of Jenkins itself and of its usual plugins, `Group/Name` and id, as jenkins.md §1.11 lists them. */
const KNOWN: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'Overall',
    'hudson.model.Hudson',
    ['Administer', 'Read', 'Manage', 'SystemRead', 'RunScripts', 'UploadPlugins', 'ConfigureUpdateCenter'],
  ],
  [
    'Job',
    'hudson.model.Item',
    [
      'Create',
      'Delete',
      'Configure',
      'Read',
      'Discover',
      'ExtendedRead',
      'Build',
      'Workspace',
      'WipeOut',
      'Cancel',
      'Move',
    ],
  ],
  ['Run', 'hudson.model.Run', ['Delete', 'Update', 'Artifacts', 'Replay']],
  ['View', 'hudson.model.View', ['Create', 'Delete', 'Configure', 'Read']],
  ['SCM', 'hudson.scm.SCM', ['Tag']],
  [
    'Agent',
    'hudson.model.Computer',
    ['Build', 'Configure', 'Connect', 'Create', 'Delete', 'Disconnect', 'ExtendedRead', 'Provision'],
  ],
  [
    'Credentials',
    'com.cloudbees.plugins.credentials.CredentialsProvider',
    ['Create', 'Delete', 'ManageDomains', 'Update', 'View', 'UseItem', 'UseOwn'],
  ],
];

const IDS: ReadonlyMap<string, string> = new Map(
  KNOWN.flatMap(([group, owner, names]) => names.map((name) => [`${group}/${name}`, `${owner}.${name}`] as const)),
);
const TITLES: ReadonlyMap<string, string> = new Map([...IDS].map(([title, id]) => [id, title]));

/** Titles known without a controller; plugins bring more. */
export const KNOWN_TITLES: readonly string[] = [...IDS.keys()];

/** What a preset gives, as titles. */
export const PRESETS: Readonly<Record<'browse' | 'read-only', readonly string[]>> = {
  browse: ['Overall/Read', 'View/Read'],
  'read-only': ['Overall/Read', 'View/Read', 'Job/Read'],
};

/** Read on items, which a companion role gives on the folders above. */
export const ITEM_READ = 'Job/Read';

const REFUSED = new Set(
  ['RunScripts', 'UploadPlugins', 'ConfigureUpdateCenter'].map((name) => `hudson.model.Hudson.${name}`),
);
const ADMINISTRATIVE =
  /^(hudson\.model\.Hudson\.(Administer|RunScripts|UploadPlugins|ConfigureUpdateCenter|Manage|FullControl)|hudson\.security\.Permission\.\w+|com\.michelin\.cio\.hudson\.plugins\.rolestrategy\.RoleBasedAuthorizationStrategy\.(ItemRoles|AgentRoles)|[^/]+\/(ItemRoles|AgentRoles))$/;

/** The id of a title where it is known without a controller; anything else is answered as it is. */
export function idOf(written: string): string {
  return IDS.get(written) ?? written;
}

/** The title of an id where it is known without a controller. */
export function titleOf(id: string): string {
  return TITLES.get(id) ?? id;
}

/** Withdrawn by Jenkins; role-strategy drops them silently (jenkins.md §1.11). */
export function isRefused(id: string): boolean {
  return REFUSED.has(id);
}

/** Whether a permission makes a role administrative by itself (policy.md); what implies it is judged on the controller. */
export function isAdministrative(id: string): boolean {
  return ADMINISTRATIVE.test(id);
}

/** Whether a permission changes nothing: all others are write permissions to lint. */
export function isReadOnly(written: string): boolean {
  return /[./](Read|Discover|ExtendedRead|SystemRead|View)$/.test(written);
}

/** Whether a text has the form of a permission: `Group/Name` or a dotted id. */
export function looksLikePermission(text: string): boolean {
  return /^[^/\s][^/]*\/[^/]*[^/\s]$/.test(text) || /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)+$/.test(text);
}
