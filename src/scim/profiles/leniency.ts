/**
 * What a connection's requests were forgiven; counted, so that an administrator sees what their identity provider gets wrong.
 * `unknown-attribute` and `foreign-schema` were dropped; `text-boolean` is "True", `text-number` "7"; `empty-text` stands for nothing;
 * `shorthand` is a value without its list or object, or with one where it has none; `bare-word` is a filter value without quotes;
 * `op-case` is `Replace`; `packed-value` is a role as JSON in a text, or with its label in `displayName`; `unmatched-path` selected nothing;
 * `text-data` is a bulk operation whose data is a text; `repeated-value` was given twice in a list; `former-urn` is the enterprise extension,
 * or the id of a manager, by its name of SCIM 1.1; `member-type` was not that of the member; `silent-members` is a PUT of a group that did
 * not speak of members, and those it had stayed.
 */
export const LENIENCIES = [
  'unknown-attribute',
  'foreign-schema',
  'text-boolean',
  'text-number',
  'empty-text',
  'shorthand',
  'bare-word',
  'missing-schemas',
  'empty-operations',
  'op-case',
  'packed-value',
  'unmatched-path',
  'text-data',
  'repeated-value',
  'former-urn',
  'member-type',
  'silent-members',
] as const;

export type Leniency = (typeof LENIENCIES)[number];
