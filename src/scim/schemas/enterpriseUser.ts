import { type AttributeDefinition, attribute, complex } from './attribute.ts';

/** Attributes of RFC 7643 §4.3. */
export const ENTERPRISE_USER_ATTRIBUTES: readonly AttributeDefinition[] = [
  attribute('employeeNumber', 'Number given by the organisation.'),
  attribute('costCenter', 'Cost center.'),
  attribute('organization', 'Organisation.'),
  attribute('division', 'Division.'),
  attribute('department', 'Department.'),
  complex('manager', 'Who the person reports to.', [
    attribute('value', 'Id of the manager.', { caseExact: true, rules: { refers: true, formerly: 'managerId' } }),
    attribute('$ref', 'URL of the manager.', {
      type: 'reference',
      mutability: 'readOnly',
      caseExact: true,
      referenceTypes: ['User'],
      rules: { computed: true, unpublished: true },
    }),
    attribute('displayName', 'Name of the manager.', {
      mutability: 'readOnly',
      rules: { computed: true, unpublished: true },
    }),
  ]),
];
