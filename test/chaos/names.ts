/** Names that people and groups get; some differ in case alone, or are of accounts that are nobody's. */
export const PEOPLE = ['ana', 'bo', 'cy', 'dee', 'Ana', 'eve', 'admin', 'bot'];
/** Of externalIds, some of which are userNames of others, too, or of accounts that are nobody's; the empty one is none. */
export const EXTERNALS = ['e1', 'e2', 'e3', 'E1', 'ana', 'bo', 'admin', ''];
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
