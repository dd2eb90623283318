import { type AttributeDefinition, attribute, complex } from './attribute.ts';
import { NAME_LENGTH } from './user.ts';

/** Attributes of RFC 7643 §4.2. */
export const GROUP_ATTRIBUTES: readonly AttributeDefinition[] = [
  attribute('displayName', 'The name that rules of the policy refer to; unique in a connection, case-insensitively.', {
    required: true,
    uniqueness: 'server',
    rules: { maxLength: NAME_LENGTH, singleLine: true },
  }),
  complex(
    'members',
    'People and groups in this group.',
    [
      attribute('value', 'Id of the member.', { mutability: 'immutable', caseExact: true, rules: { refers: true } }),
      attribute('$ref', 'URL of the member.', {
        type: 'reference',
        mutability: 'immutable',
        caseExact: true,
        referenceTypes: ['User', 'Group'],
        rules: { computed: true },
      }),
      attribute('type', 'User or Group.', { mutability: 'immutable', canonicalValues: ['User', 'Group'] }),
      attribute('display', 'Name of the member.', { mutability: 'readOnly', returned: 'request' }),
    ],
    { multiValued: true },
  ),
];
