import type { Finding, Level } from '../access/finding.ts';

/** Where something stands in the policy. */
export interface Place {
  /** Relative to the folder of the policy. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

const entries = <const T extends Record<string, readonly [Level, string]>>(codes: T): T => Object.freeze(codes);

/**
 * Every finding of this folder with its level and remedy; each code is a heading of docs/policy.md. Errors of the document keep the
 * last good policy; errors of one controller block a role there (semantics §10).
 */
export const CODES = entries({
  'policy.syntax': ['error', 'Mend the YAML at that line.'],
  'policy.too-large': ['error', 'Split the policy or use captures: at most 1 MB, 5,000 rules and 1,000 roles in all.'],
  'policy.alias': ['error', 'Write the values out: anchors are followed a few times only.'],
  'policy.unquoted': ['error', 'Put the text in quotes: "{team}". YAML reads it as a mapping otherwise.'],
  'policy.unknown-key': ['error', 'Remove the key or spell it as the schema does.'],
  'policy.invalid': ['error', 'Compare with docs/policy.md and policy.schema.json.'],
  'policy.later': ['error', 'It is not in this version: leave it out.'],
  'policy.version': ['error', 'Write `version: 1` at the top of each file.'],
  'policy.duplicate': ['error', 'Give one of them another name.'],
  'policy.unknown-role': ['error', 'Define the role under `roles:` or spell it as it is defined.'],
  'policy.unknown-capture': ['error', 'Define the capture under `captures:` or spell it as it is defined.'],
  'policy.capture-missing': [
    'error',
    'Use {capture} in the group, or give it by hand: { role: NAME, capture: value }.',
  ],
  'policy.capture-value': ['error', 'Use a name an item of Jenkins can have, without a comma and without a leading @.'],
  'policy.extends': ['error', 'Name a role that exists and does not extend this one.'],
  'policy.administer': ['error', 'Write `administer: true` if that is meant, or leave the permission out.'],
  'policy.permission-refused': [
    'error',
    'Leave it out: Jenkins has withdrawn it, and role-strategy drops it without a word.',
  ],
  'policy.role-name': ['error', 'Use 1 to 255 characters, without a comma, control characters and a leading @.'],
  'policy.folder': ['error', 'Write the full name of a folder: names of items with / between them.'],
  'policy.same-name': [
    'error',
    'Give one of the roles another `name:`, or let their rules select different controllers.',
  ],
  'policy.reserved-name': ['error', 'Name a group or an account that is not one of Jenkins itself.'],
  'policy.regex': [
    'error',
    'Use literals, classes, groups, | and simple repetition; it always has to match the whole value.',
  ],
  'policy.unless': ['error', 'Name groups literally, and only in rules over groups or users.'],
  'policy.no-group': [
    'warning',
    'Compare the name with the group in the identity provider, and look whether it is pushed.',
  ],
  'policy.unused-role': ['warning', 'Grant it in a rule, or remove it.'],
  'policy.unused-capture': ['warning', 'Use it in a rule, or remove it.'],
  'policy.unbounded-capture': [
    'warning',
    'Give the capture `matches` and `max`, so that a new group cannot open a new folder.',
  ],
  'policy.past': ['warning', 'Remove the rule, or give it a new date.'],
  'policy.moot-read': ['warning', 'Use `preset: browse` where people should see only the folders of their item roles.'],
  'policy.parents': ['warning', 'Add `parents: read`: without Read on the folders above Jenkins shows nothing.'],
  'policy.from': ['warning', 'Write `from: CONNECTION` in each rule.'],
  'policy.unknown-connection': ['warning', 'Spell it as in the configuration.'],
  'policy.no-controller': ['warning', 'Compare with names and labels of the controllers in the configuration.'],
  'policy.permission-spelling': [
    'warning',
    'Spell it as Jenkins shows it; a role with an unknown permission is blocked.',
  ],
  'policy.permission-unknown': [
    'error',
    'Spell it as this controller shows it, install the plugin, or select other controllers.',
  ],
  'policy.permission-disabled': ['warning', 'Enable the permission on the controller, or leave it out.'],
  'policy.administer-here': ['error', 'Write `administer: true` if that is meant, or leave the permission out.'],
  'policy.instance': ['error', 'Use `map` or `matches` of the capture so that the value becomes a legal name.'],
  'policy.ambiguous-split': ['warning', 'Tell the captures apart by `matches`, or rename the group.'],
  'policy.capture-max': ['warning', 'Raise `max` of the capture if that is meant, or remove groups.'],
  'policy.unless-missing': [
    'warning',
    'Push that group, or take it out of `unless`; until then the rule gives nothing new.',
  ],
  'policy.renamed-group': [
    'warning',
    'Change the name in the policy, or rename the group back; until then the rule follows the group.',
  ],
  'policy.deleted-group': [
    'warning',
    'Push the group again, or take it out of the policy; until then nobody new gains by it.',
  ],
  'policy.contested-name': [
    'warning',
    'Rename one of the groups; if the new one is meant, an edit of the policy binds the name anew. Until then it grants nothing.',
  ],
  'policy.namesake': [
    'warning',
    'Give the rule another id if this person is meant, or remove it; until then it grants them nothing.',
  ],
  'policy.group-cycle': [
    'warning',
    'Take one of the groups out of the other; everybody in the circle counts as member of all.',
  ],
});

export type PolicyCode = keyof typeof CODES;

/** Findings of one reading of a policy that are told: what is nearest to each name that is not known takes time. */
export const MOST_FINDINGS = 100;

/** Makes a finding of the list. Texts may quote names of the directory; printers escape them. */
export function found(code: PolicyCode, subject: string, finding: string, place?: Place): Finding {
  const [level, remedy] = CODES[code];
  return {
    code,
    level,
    subject,
    finding,
    remedy,
    docs: `docs/policy.md#${code.replaceAll('.', '')}`,
    ...(place === undefined ? {} : { file: place.file, line: place.line }),
  };
}
