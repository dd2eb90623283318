import { type AttributeDefinition, attribute, complex, PRIMARY, plural } from './attribute.ts';

/** The longest name a person or a group may have. */
export const NAME_LENGTH = 512;

/** Attributes of RFC 7643 §4.1. */
export const USER_ATTRIBUTES: readonly AttributeDefinition[] = [
  attribute('userName', 'The name by which the person signs in; unique in a connection, case-insensitively.', {
    required: true,
    uniqueness: 'server',
    rules: { maxLength: NAME_LENGTH, singleLine: true },
  }),
  complex('name', 'The parts of the name.', [
    attribute('formatted', 'The whole name, as it is shown.'),
    attribute('familyName', 'The family name.'),
    attribute('givenName', 'The given name.'),
    attribute('middleName', 'The middle names.'),
    attribute('honorificPrefix', 'Titles before the name.'),
    attribute('honorificSuffix', 'Suffixes after the name.'),
  ]),
  attribute('displayName', 'The name that is shown.', { rules: { maxLength: NAME_LENGTH, singleLine: true } }),
  attribute('nickName', 'What the person is called casually.'),
  attribute('profileUrl', 'A page about the person.', {
    type: 'reference',
    caseExact: true,
    referenceTypes: ['external'],
  }),
  attribute('title', 'The job title.'),
  attribute('userType', 'The relation to the organisation, e.g. employee.'),
  attribute('preferredLanguage', 'The preferred language, as in Accept-Language.'),
  attribute('locale', 'The locale, e.g. en-US.'),
  attribute('timezone', 'The time zone, e.g. Europe/Madrid.'),
  attribute('active', 'Whether the person may use the controllers.', { type: 'boolean', rules: { default: true } }),
  attribute('password', 'Accepted and discarded: people sign in elsewhere.', {
    caseExact: true,
    mutability: 'writeOnly',
    returned: 'never',
  }),
  plural('emails', 'E-mail addresses.', ['work', 'home', 'other']),
  plural('phoneNumbers', 'Telephone numbers.', ['work', 'home', 'mobile', 'fax', 'pager', 'other']),
  plural('ims', 'Instant messaging addresses.', ['aim', 'gtalk', 'icq', 'xmpp', 'msn', 'skype', 'qq', 'yahoo']),
  plural(
    'photos',
    'URLs of pictures.',
    ['photo', 'thumbnail'],
    attribute('value', 'The URL.', { type: 'reference', caseExact: true, referenceTypes: ['external'] }),
  ),
  complex(
    'addresses',
    'Postal addresses.',
    [
      attribute('formatted', 'The whole address, as it is written.'),
      attribute('streetAddress', 'Street and number.'),
      attribute('locality', 'City.'),
      attribute('region', 'State or region.'),
      attribute('postalCode', 'Postal code.'),
      attribute('country', 'Country, ISO 3166-1 alpha-2.'),
      attribute('type', 'A label of its function.', { canonicalValues: ['work', 'home', 'other'] }),
      PRIMARY,
    ],
    { multiValued: true, rules: { labels: true } },
  ),
  complex(
    'groups',
    'Groups the person is in, directly or through a nested group; changed at /Groups.',
    [
      attribute('value', 'Id of the group.', { mutability: 'readOnly', caseExact: true }),
      attribute('$ref', 'URL of the group.', {
        type: 'reference',
        mutability: 'readOnly',
        caseExact: true,
        referenceTypes: ['Group'],
        rules: { computed: true },
      }),
      attribute('display', 'Name of the group.', { mutability: 'readOnly' }),
      attribute('type', 'direct or indirect.', { mutability: 'readOnly', canonicalValues: ['direct', 'indirect'] }),
    ],
    { multiValued: true, mutability: 'readOnly' },
  ),
  plural('entitlements', 'Things the person has been given.', []),
  {
    ...plural('roles', 'Roles of the person, in the words of the identity provider.', []),
    rules: { labels: true, packed: true },
  },
  plural(
    'x509Certificates',
    'Certificates of the person.',
    [],
    attribute('value', 'DER, Base64.', { type: 'binary', caseExact: true, rules: { maxLength: 65_536 } }),
  ),
];
