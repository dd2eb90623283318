const CORE = 'urn:ietf:params:scim:schemas:core:2.0:';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ADSCIM = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';

function patch(...operations: unknown[]): unknown {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations };
}

export interface DemoPerson {
  readonly userName: string;
  readonly given: string;
  readonly family: string;
  readonly externalId: string;
}

/** The documented requests of Okta: user create, group create, member swap, full push. */
export const okta = {
  lookup: (userName: string) =>
    `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}&startIndex=1&count=100`,
  person: ({ userName, given, family, externalId }: DemoPerson): unknown => ({
    schemas: [`${CORE}User`],
    userName,
    name: { givenName: given, familyName: family },
    emails: [{ primary: true, value: userName, type: 'work' }],
    displayName: `${given} ${family}`,
    locale: 'en-US',
    externalId,
    groups: [],
    password: 't3mp-Xy-not-kept',
    active: true,
  }),
  group: (displayName: string): unknown => ({ schemas: [`${CORE}Group`], displayName, members: [] }),
  add: (members: readonly { id: string; userName: string }[]): unknown =>
    patch({ op: 'add', path: 'members', value: members.map(({ id, userName }) => ({ value: id, display: userName })) }),
  remove: (id: string): unknown => patch({ op: 'remove', path: `members[value eq "${id}"]` }),
  push: (members: readonly { id: string; userName: string }[]): unknown =>
    patch({
      op: 'replace',
      path: 'members',
      value: members.map(({ id, userName }) => ({ value: id, display: userName })),
    }),
};

/** The documented requests of Entra ID, in its older form (booleans as text, capital verbs). */
export const entra = {
  probe: (id: string) => `/Users?filter=userName+eq+%22AzureAD_Test-${id}%22`,
  person: ({ userName, given, family, externalId }: DemoPerson): unknown => ({
    schemas: [`${CORE}User`, ENTERPRISE],
    externalId,
    userName,
    active: true,
    emails: [{ primary: true, type: 'work', value: userName }],
    meta: { resourceType: 'User' },
    name: { formatted: `${given} ${family}`, familyName: family, givenName: given },
    roles: [],
  }),
  group: (displayName: string, externalId: string): unknown => ({
    schemas: [`${CORE}Group`, ADSCIM],
    externalId,
    displayName,
    meta: { resourceType: 'Group' },
  }),
  add: (id: string): unknown => patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: id }] }),
  disable: (): unknown => patch({ op: 'Replace', path: 'active', value: 'False' }),
};
