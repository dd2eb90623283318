import { z } from 'zod';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const MAX_TEXT = 1024;

const text = z.string().min(1).max(MAX_TEXT);
const id = z.string().regex(NAME, 'a name has 1 to 100 of A-Z a-z 0-9 . _ - and starts with a letter or digit');
const captureName = z
  .string()
  .regex(
    /^(?!role$)[A-Za-z][A-Za-z0-9_-]{0,63}$/,
    'a capture has a name of letters, digits, _ and -, and is not called role',
  );
const moment = text.describe('A day, 2027-03-31, that ends at 24:00 UTC, or an instant with an offset.');

const scope = z
  .union(
    [
      z.literal('global'),
      z.strictObject({
        folder: text.describe('Full name of a folder; {capture} stands for a value.'),
        parents: z.literal('read').exactOptional().describe('Read on the folders above, by a companion role.'),
        children: z.boolean().exactOptional().describe('false: the folder alone, not what is below.'),
      }),
    ],
    { error: 'write global or { folder: NAME }' },
  )
  .describe('Where the role reaches.');

const role = z
  .strictObject({
    scope: scope.exactOptional(),
    existing: z
      .strictObject({ type: z.enum(['global', 'item', 'agent']), name: text })
      .exactOptional()
      .describe('A role made by hand: only its assignments are managed.'),
    preset: z
      .enum(['browse', 'read-only'])
      .exactOptional()
      .describe('browse: Overall/Read and View/Read; read-only: Job/Read too.'),
    permissions: z.array(text).max(200).exactOptional().describe('Group/Name as Jenkins shows them, or ids.'),
    extends: id.exactOptional().describe('Another role whose permissions this one has too.'),
    administer: z.boolean().exactOptional().describe('Says aloud that the role administers; required where it does.'),
    name: text.exactOptional().describe('Its name on Jenkins; default: its key and its captures.'),
    entries: z.enum(['additive', 'exclusive']).exactOptional().describe('exclusive: entries made by hand do not stay.'),
    renamedFrom: text.exactOptional().describe('The name it had on Jenkins before.'),
  })
  .describe('A role.');

const capture = z
  .strictObject({
    matches: text.exactOptional().describe('A regular expression for the whole value.'),
    max: z.int().min(1).max(10_000).exactOptional().describe('How many different values may be used.'),
    map: z.record(text, text).exactOptional().describe('What a value becomes.'),
  })
  .nullable()
  .describe('What {name} may be.');

const group = z
  .union([text, z.strictObject({ externalId: text })], {
    error: 'write the name of a group or { externalId: ID }; several stand under `groups`',
  })
  .describe('A group of the identity provider; {capture} stands for one segment.');

const groups = z.array(group).min(1).max(500);

const oneGrant = z.union([id, z.object({ role: id }).catchall(text)], {
  error: 'write the name of a role or { role: NAME, capture: value }',
});
const grant = z
  .union([oneGrant, z.array(oneGrant).min(1).max(100)], {
    error: 'write the name of a role, { role: NAME, capture: value } or a list of these',
  })
  .describe('What the rule gives.');

const labelValue = z.union([text, z.array(text).min(1).max(100)], { error: 'write a text or a list of texts' });
const labels = z
  .record(text, labelValue)
  .refine((value) => Object.keys(value).length > 0, 'no label is named; leave `controllers` out for all');
const controllers = z
  .union([text, z.array(text).min(1).max(1000), labels], {
    error: 'write a name, a list of names and globs, or labels as { label: value }',
  })
  .describe('Names, globs, or labels of controllers; default: all.');

const rule = z
  .strictObject({
    id: id.describe('Stable: the ledger and explain quote it.'),
    group: group.exactOptional(),
    groups: groups.exactOptional(),
    user: text.exactOptional().describe('One person by userName; needs until.'),
    until: moment.exactOptional(),
    principal: text.exactOptional().describe('An account the identity provider does not know.'),
    owner: text.exactOptional().describe('Who answers for that account.'),
    reason: text.exactOptional(),
    review: moment.exactOptional(),
    from: text.exactOptional().describe('A connection; default: the primary one.'),
    unless: z
      .strictObject({ group: group.exactOptional(), groups: groups.exactOptional() })
      .exactOptional()
      .describe('Takes the members of a group out of this rule.'),
    grant,
    controllers: controllers.exactOptional(),
  })
  .describe('A rule.');

/** The document as it is written; unknown keys are refused at every level. */
export const policyDocument = z
  .strictObject({
    $schema: z.string().exactOptional(),
    version: z.literal(1),
    roles: z.record(id, role).exactOptional().describe('What can be given.'),
    captures: z.record(captureName, capture).exactOptional().describe('What {name} may be.'),
    rules: z.array(rule).max(5000).exactOptional().describe('Who gets what. The order never matters.'),
  })
  .describe('Who may do what on Jenkins.');

export type PolicyDocument = z.output<typeof policyDocument>;
export type RoleDocument = z.output<typeof role>;
export type RuleDocument = z.output<typeof rule>;
export type GroupDocument = z.output<typeof group>;
