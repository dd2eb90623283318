import { type AttributeDefinition, attribute, complex } from './attribute.ts';

const own = { mutability: 'readOnly', caseExact: true } as const;

/** Attributes that every resource has (RFC 7643 §3.1); they are in no schema document. */
export const COMMON: readonly AttributeDefinition[] = [
  attribute('schemas', 'URNs of the schemas that are used.', {
    type: 'reference',
    multiValued: true,
    required: true,
    caseExact: true,
    returned: 'always',
    mutability: 'readOnly',
  }),
  attribute('id', 'Identifier of the resource, chosen by the service.', {
    ...own,
    returned: 'always',
    uniqueness: 'server',
  }),
  attribute('externalId', 'Identifier of the resource, chosen by the client.', {
    caseExact: true,
    rules: { maxLength: 512, singleLine: true },
  }),
  complex(
    'meta',
    'What the service says of the resource.',
    [
      attribute('resourceType', 'Name of its type.', { ...own, rules: { computed: true } }),
      attribute('created', 'When it was created.', { ...own, type: 'dateTime' }),
      attribute('lastModified', 'When it was changed last.', { ...own, type: 'dateTime' }),
      attribute('location', 'Its URL.', { ...own, type: 'reference', rules: { computed: true } }),
      attribute('version', 'Its version, the ETag.', { ...own, rules: { computed: true } }),
    ],
    { mutability: 'readOnly' },
  ),
];
