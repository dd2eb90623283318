/** Names that people and groups get; some differ in case alone, or are of accounts that are nobody's. */
export const PEOPLE = ['ana', 'bo', 'cy', 'dee', 'Ana', 'eve', 'admin', 'bot'];
export const GROUPS = [
  'jenkins-admins',
  'ci-users',
  'ci-pay-dev',
  'ci-web-dev',
  'contractors',
  'qa',
  'auditors',
  'crew',
  'CI-Pay-Dev',
];
/** A group that a rule names by its externalId begins so, among names. */
export const EXTERNAL = 'externalId:';
