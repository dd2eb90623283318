import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { policyText, proposedPolicy } from '../../src/cli/init/policy.ts';
import { CODES } from '../../src/policy/finding.ts';
import { policyJsonSchema } from '../../src/policy/jsonSchema.ts';
import { lint } from '../../src/policy/lint.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import { root } from '../house/sources.ts';
import { policyOf } from './scene.ts';

const parse = (text: string) => parsePolicy([{ path: 'policy.yaml', text }]);
const ROLE = 'roles:\n  r: { scope: global, permissions: [Job/Read] }\n';
const rule = (text: string): string => `version: 1\n${ROLE}rules:\n  - { id: a, grant: r, ${text} }\n`;
const role = (text: string): string => `version: 1\nroles:\n  x: { ${text} }\n`;

// What is wrong, the document, the code, its line, and a part of the text.
const REFUSED: readonly (readonly [string, string, string, number, RegExp])[] = [
  ['a broken document', 'version: 1\nroles: [', 'policy.syntax', 2, /./],
  [
    'bytes that are no UTF-8, which would be the name of no group',
    Buffer.from(rule('group: Köln'), 'latin1').toString('utf8'),
    'policy.syntax',
    5,
    /not UTF-8/,
  ],
  [
    'a file as PowerShell writes it',
    Buffer.from('\ufeffversion: 1\n', 'utf16le').toString(),
    'policy.syntax',
    1,
    /not UTF-8/,
  ],
  [
    'a capture that breaks the YAML, with a hint',
    'version: 1\nroles:\n  a:\n    name: {team}-x\n',
    'policy.syntax',
    4,
    /in quotes/,
  ],
  ['an unquoted capture', role('scope: { folder: {team} }, permissions: [Job/Read]'), 'policy.unquoted', 3, /\{team\}/],
  ['an unquoted capture in a group', rule('group: {team}'), 'policy.unquoted', 5, /mapping/],
  ['a missing version', ROLE, 'policy.version', 1, /missing/],
  ['another version', 'version: 2\n', 'policy.version', 1, /Only version 1/],
  ['a list as a document', '- a\n', 'policy.version', 1, /mapping/],
  [
    'a key that stands twice',
    'version: 1\nroles:\n  a: { scope: global, preset: browse }\n  a: { scope: global, preset: browse }\n',
    'policy.duplicate',
    4,
    /twice/,
  ],
  [
    'a rule id that is used twice',
    `${rule('group: g')}  - { id: a, grant: r, group: h }\n`,
    'policy.duplicate',
    6,
    /policy\.yaml:5/,
  ],
  ['an unknown key with the nearest one', rule('group: g, untill: x'), 'policy.unknown-key', 5, /did you mean until\?/],
  [
    'an unknown key within a scope',
    role('scope: { folder: a, childrens: false }, permissions: [Job/Read]'),
    'policy.unknown-key',
    3,
    /did you mean children\?/,
  ],
  [
    'an unknown role with the nearest one',
    'version: 1\nroles:\n  browser: { scope: global, preset: browse }\nrules:\n  - { id: a, group: g, grant: browsr }\n',
    'policy.unknown-role',
    5,
    /did you mean browser\?/,
  ],
  ['an unknown base role', role('scope: global, extends: nope, preset: browse'), 'policy.unknown-role', 3, /nope/],
  ['a role that extends itself', role('scope: global, extends: x, preset: browse'), 'policy.extends', 3, /itself/],
  [
    'an unknown capture',
    role('scope: { folder: "{taem}" }, permissions: [Job/Read]'),
    'policy.unknown-capture',
    3,
    /taem/,
  ],
  [
    'a capture the rule does not give',
    `version: 1\ncaptures: { t: }\nroles:\n  x: { scope: { folder: "{t}" }, permissions: [Job/Read] }\nrules:\n  - { id: a, group: g, grant: x }\n`,
    'policy.capture-missing',
    6,
    /\{t\}/,
  ],
  [
    'a value by hand that is no item name',
    `version: 1\ncaptures: { t: }\nroles:\n  x: { scope: { folder: "{t}" }, permissions: [Job/Read] }\nrules:\n  - { id: a, group: g, grant: { role: x, t: a/b } }\n`,
    'policy.capture-value',
    6,
    /holds \//,
  ],
  [
    'a value by hand the role does not have',
    rule('group: g').replace('grant: r', 'grant: { role: r, t: a }'),
    'policy.unknown-capture',
    5,
    /no capture/,
  ],
  [
    'a mapped value with a comma',
    'version: 1\ncaptures: { t: { map: { a: "x,y" } } }\n',
    'policy.capture-value',
    2,
    /comma/,
  ],
  [
    'Administer without the marker',
    role('scope: global, permissions: [Overall/Administer]'),
    'policy.administer',
    3,
    /Overall\/Administer/,
  ],
  [
    'Administer by its id',
    role('scope: global, permissions: [hudson.model.Hudson.Administer]'),
    'policy.administer',
    3,
    /./,
  ],
  ['Manage without the marker', role('scope: global, permissions: [Overall/Manage]'), 'policy.administer', 3, /Manage/],
  [
    'a generic root without the marker',
    role('scope: global, permissions: [hudson.security.Permission.FullControl]'),
    'policy.administer',
    3,
    /./,
  ],
  ['ItemRoles without the marker', role('scope: global, permissions: [Role/ItemRoles]'), 'policy.administer', 3, /./],
  [
    'a withdrawn permission',
    role('scope: global, administer: true, permissions: [Overall/RunScripts]'),
    'policy.permission-refused',
    3,
    /RunScripts/,
  ],
  ['a permission that is none', role('scope: global, permissions: [Build]'), 'policy.invalid', 3, /Group\/Name/],
  ['a role that gives nothing', role('scope: global, permissions: []'), 'policy.invalid', 3, /nothing/],
  ['neither scope nor existing', role('preset: browse'), 'policy.invalid', 3, /either/],
  [
    'an existing role with permissions',
    role('existing: { type: item, name: qa }, permissions: [Job/Read]'),
    'policy.invalid',
    3,
    /never defined/,
  ],
  ['a folder that is none', role('scope: { folder: "a//b" }, permissions: [Job/Read]'), 'policy.folder', 3, /empty/],
  ['a folder with a star', role('scope: { folder: "a*" }, permissions: [Job/Read]'), 'policy.folder', 3, /\*/],
  ['a role name with a comma', role('scope: global, name: "a,b", preset: browse'), 'policy.role-name', 3, /comma/],
  ['a macro as a role name', role('scope: global, name: "@Folder", preset: browse'), 'policy.role-name', 3, /@/],
  [
    'a name that forgets the capture',
    'version: 1\ncaptures: { t: }\nroles:\n  x: { scope: { folder: "{t}" }, name: dev, permissions: [Job/Read] }\n',
    'policy.same-name',
    4,
    /\{t\}/,
  ],
  [
    'two definitions of one name',
    'version: 1\nroles:\n  a: { scope: global, name: n, preset: browse }\n  b: { scope: global, name: n, preset: read-only }\nrules:\n  - { id: a, group: g, grant: [a, b] }\n',
    'policy.same-name',
    4,
    /a are both|both called/,
  ],
  ['a reserved group', rule('group: Authenticated'), 'policy.reserved-name', 5, /Jenkins/],
  ['a reserved group in full width', rule('group: "ａnonymous"'), 'policy.reserved-name', 5, /./],
  [
    'a reserved account',
    rule('principal: SYSTEM, owner: o, reason: r, review: 2027-01-01'),
    'policy.reserved-name',
    5,
    /./,
  ],
  ['a reserved group in unless', rule('group: g, unless: { group: authenticated }'), 'policy.reserved-name', 5, /./],
  ['a slow expression', 'version: 1\ncaptures: { t: { matches: "(a+)+" } }\n', 'policy.regex', 2, /nested/],
  ['a reference', 'version: 1\ncaptures: { t: { matches: "(a)\\\\1" } }\n', 'policy.regex', 2, /escape/],
  ['a look-ahead', `version: 1\ncaptures: { t: { matches: '(?=a)b' } }\n`, 'policy.regex', 2, /\(\?/],
  ['several groups under `group`', rule('group: [a, b]'), 'policy.invalid', 5, /several stand under `groups`/],
  ['a rule about nobody', rule('from: okta'), 'policy.invalid', 5, /exactly one/],
  [
    'a rule about a group and a user',
    rule('group: g, user: ana, until: 2027-01-01'),
    'policy.invalid',
    5,
    /exactly one/,
  ],
  ['a person without an end', rule('user: ana'), 'policy.invalid', 5, /needs an end/],
  ['a day in no calendar', rule('user: ana, until: 2027-02-30'), 'policy.invalid', 5, /neither a day/],
  ['an instant without an offset', rule('user: ana, until: "2027-02-03T10:00"'), 'policy.invalid', 5, /offset/],
  ['a group with an end', rule('group: g, until: 2027-01-01'), 'policy.invalid', 5, /goes with `user`/],
  ['an account without owner', rule('principal: bot, reason: r, review: 2027-01-01'), 'policy.invalid', 5, /owner/],
  [
    'an account and unless',
    rule('principal: bot, owner: o, reason: r, review: 2027-01-01, unless: { group: g }'),
    'policy.unless',
    5,
    /no group/,
  ],
  ['an empty unless', rule('group: g, unless: {}'), 'policy.unless', 5, /no group/],
  [
    'a capture twice in a group',
    'version: 1\ncaptures: { t: }\nroles:\n  r: { scope: global, preset: browse }\nrules:\n  - { id: a, group: "{t}-{t}", grant: r }\n',
    'policy.invalid',
    6,
    /twice/,
  ],
  ['braces around anything else', rule('group: "a{}b"'), 'policy.invalid', 5, /brace.*written twice/],
  ['a brace behind a capture', rule('group: "a{t}}b"'), 'policy.invalid', 5, /brace/],
  [
    'a pattern scope, by name',
    role('scope: { pattern: "a.*" }, permissions: [Job/Read]'),
    'policy.later',
    3,
    /pattern is not in this version/,
  ],
  [
    'agents, by name',
    role('scope: { agents: "a.*" }, permissions: [Agent/Connect]'),
    'policy.later',
    3,
    /agents is not in this version/,
  ],
  ['where, by name', rule('where: x'), 'policy.later', 5, /where/],
  ['never, by name', 'version: 1\nnever: []\n', 'policy.later', 2, /never/],
  ['templates, by name', role('scope: global, template: t'), 'policy.later', 3, /template/],
  ['a wrong type', role('scope: global, permissions: Job/Read'), 'policy.invalid', 3, /array/],
  [
    'an alias bomb',
    `version: 1\na: &a [x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c]\n`,
    'policy.alias',
    1,
    /alias/,
  ],
  ['labels that name none', rule('group: g, controllers: {}'), 'policy.invalid', 5, /No label/],
  [
    'a key that JavaScript would lose',
    rule('group: g, controllers: { __proto__: a }'),
    'policy.unknown-key',
    5,
    /__proto__/,
  ],
  ['a tag', 'version: 1\nroles: !evil x\n', 'policy.syntax', 2, /tag/],
  ['several documents', 'version: 1\n---\nversion: 1\n', 'policy.syntax', 2, /second document begins here/],
];

for (const [what, text, code, line, words] of REFUSED)
  test(`the file is refused for ${what}, with code, line and remedy`, () => {
    const { policy, findings } = parse(text);
    assert.equal(policy, undefined);
    const finding = findings.find((item) => item.code === code && words.test(item.finding));
    assert.ok(finding, JSON.stringify(findings));
    assert.equal(finding.line, line);
    assert.equal(finding.file, 'policy.yaml');
    assert.equal(finding.level, 'error');
    assert.notEqual(finding.remedy, '');
  });

test('what is refused by name is not reported a second time as an unknown key', () => {
  const { findings } = parse(role('scope: { pattern: "a.*" }, permissions: [Job/Read]'));
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['policy.later'],
  );
});

test('a sound policy has its parts, with lines', () => {
  const policy = policyOf(`
roles:
  base: { scope: global, preset: read-only }
  lead: { scope: { folder: a/b, parents: read, children: false }, extends: base, permissions: [Job/Build] }
  qa: { existing: { type: item, name: "q,a" } }
captures: { t: }
rules:
  - { id: z, group: "x-{t}", grant: [lead, qa], controllers: { env: [prod, test] }, from: entra }
  - { id: b, user: ana, until: 2027-03-31, grant: base, controllers: "ci-*" }
`);
  const lead = policy.roles.get('lead')!;
  assert.deepEqual(lead.permissions, ['Job/Build', 'Overall/Read', 'View/Read', 'Job/Read']);
  assert.equal(lead.line, 5);
  assert.deepEqual(
    policy.rules.map(({ id }) => id),
    ['b', 'z'],
  );
  assert.deepEqual(policy.rules[0]!.subject, { kind: 'user', user: 'ana', until: Date.parse('2027-04-01T00:00:00Z') });
  assert.deepEqual(policy.rules[1]!.controllers, { kind: 'labels', labels: { env: ['prod', 'test'] } });
  assert.match(policy.digest, /^[0-9a-f]{64}$/);
});

test('files of a folder are one policy; what two of them define is refused with both places', () => {
  const one = { path: 'a.yaml', text: `version: 1\n${ROLE}` };
  const two = { path: 'sub/b.yaml', text: 'version: 1\nrules:\n  - { id: a, group: g, grant: r }\n' };
  const { policy } = parsePolicy([two, one]);
  assert.deepEqual(
    [policy?.files, policy?.rules[0]?.file, policy?.rules[0]?.line],
    [['a.yaml', 'sub/b.yaml'], 'sub/b.yaml', 3],
  );
  assert.equal(parsePolicy([one, two]).policy?.digest, policy?.digest);
  const twice = parsePolicy([one, { path: 'c.yaml', text: one.text }]);
  assert.deepEqual(
    twice.findings.map(({ code, file }) => [code, file]),
    [['policy.duplicate', 'c.yaml']],
  );
  assert.match(twice.findings[0]!.finding, /a\.yaml:3/);
});

test('definitions of one name on different controllers are no error', () => {
  const text = (other: string) => `version: 1
roles:
  a: { scope: global, name: n, preset: browse }
  b: { scope: global, name: n, preset: read-only }
rules:
  - { id: a, group: g, grant: a, controllers: { env: prod } }
  - { id: b, group: g, grant: b, controllers: ${other} }
`;
  assert.deepEqual(parse(text('{ env: test }')).findings, []);
  assert.deepEqual(
    parse(text('{ env: prod }')).findings.map(({ code }) => code),
    ['policy.same-name'],
  );
});

test('limits: bytes, rules, depth and length of a text', () => {
  const codes = (text: string) => parse(text).findings.map(({ code }) => code);
  assert.deepEqual(codes(`# ${'x'.repeat(1_048_576)}`), ['policy.too-large']);
  assert.deepEqual(codes('version: 1\nroles: '.concat('['.repeat(300_000))), ['policy.too-large']);
  assert.deepEqual(codes(`version: 1\n${'- '.repeat(100_000)}`), ['policy.too-large']);
  assert.deepEqual(codes(`version: 1\nroles: "${'\\x'.repeat(100_000)}"`), ['policy.too-large']);
  const rules = Array.from({ length: 5001 }, (_, index) => `  - { id: a${index}, group: g, grant: r }`).join('\n');
  assert.ok(codes(`version: 1\n${ROLE}rules:\n${rules}\n`).length > 0);
});

test('5,000 rules are read', () => {
  const rules = Array.from({ length: 5000 }, (_, index) => `  - { id: a${index}, group: g${index}, grant: r }`).join(
    '\n',
  );
  assert.equal(policyOf(`${ROLE}rules:\n${rules}\n`).rules.length, 5000);
});

test('the parser never throws, and never answers without a policy or an error', () => {
  const words = [
    'version: 1\n',
    'roles:',
    'rules:',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    'a: ',
    '"{t}"',
    '&a ',
    '*a',
    '!!set',
    '? ',
    '| ',
    '<<: ',
    '__proto__: ',
    '\u0000',
    '\ud800',
    '#',
    ',',
  ];
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(text, (body) => {
      const result = parse(`version: 1\n${body}`);
      assert.ok(result.policy !== undefined || result.findings.some(({ level }) => level === 'error'));
    }),
    { numRuns: 400 },
  );
});

test('values of any shape under the known keys never make it throw', () => {
  const keys = [
    'roles',
    'captures',
    'rules',
    'scope',
    'folder',
    'existing',
    'name',
    'type',
    'permissions',
    'grant',
    'group',
    'groups',
    'id',
    'unless',
    'controllers',
    'user',
    'until',
    'matches',
    'map',
    'max',
  ];
  const shape = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('a', '{t}', 1, null, true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  fc.assert(
    fc.property(shape, shape, shape, (roles, captures, rules) => {
      const result = parse(JSON.stringify({ version: 1, roles, captures, rules }));
      assert.ok(result.policy !== undefined || result.findings.length > 0);
    }),
    { numRuns: 400 },
  );
});

test('what init writes is sound and has no warnings', () => {
  assert.deepEqual(lint(policyOf(policyText().replace('version: 1\n', ''))), []);
});

test('what init proposes from a controller is sound', () => {
  const roles = [
    {
      type: 'global' as const,
      name: 'admin',
      pattern: '.*',
      permissions: ['hudson.model.Hudson.Administer'],
      digest: 'd',
      entries: [{ type: 'group' as const, id: 'ops {x}' }],
    },
    {
      type: 'item' as const,
      name: 'a,b @x {team}',
      pattern: 'a.*',
      permissions: ['hudson.model.Item.Read'],
      digest: 'd',
      entries: [{ type: 'group' as const, id: 'devs' }],
    },
  ];
  const text = proposedPolicy({ roles, session: 's', fingerprint: 'f', time: 0 });
  assert.equal(parse(text).policy?.rules.length, 2);
  const { policy } = parse(text);
  assert.deepEqual(
    [...policy!.roles.values()].map(({ name }) => [name.source, name.captures]),
    [
      ['admin', []],
      ['a,b @x {team}', []],
    ],
  );
});

test('every code of a finding is described in docs/policy.md', () => {
  const text = readFileSync(join(root, 'docs/policy.md'), 'utf8');
  const headings = [...text.matchAll(/^### (policy\..+)$/gm)].map((match) => match[1]);
  assert.deepEqual(headings.sort(), Object.keys(CODES).sort());
});

test('the published schema is the one that validates', () => {
  const published = JSON.parse(readFileSync(join(root, 'policy.schema.json'), 'utf8'));
  assert.deepEqual(published, JSON.parse(JSON.stringify(policyJsonSchema())));
});

test('the example of docs/policy.md is sound', () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/policy.md'), 'utf8'))![1]!;
  assert.deepEqual(parse(example).findings, []);
});

const many = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n');
const MANY: Readonly<Record<string, string>> = {
  'unknown keys': `version: 1\n${many(300, (n) => `k${n}: 1`)}\nrules: []\n`,
  'roles that are none': `version: 1\nroles:\n${many(300, (n) => `  r${n}: { scop: global }`)}\nrules: []\n`,
  'captures without quotes': `version: 1\nrules:\n${many(300, (n) => `  - { id: r${n}, group: {a}, grant: b }`)}\n`,
  'roles that extend nothing': `version: 1\nroles:\n${many(300, (n) => `  r${n}: { scope: global, extends: x${n} }`)}\nrules: []\n`,
  'rules of unknown roles': `version: 1\nroles: { a: { scope: global, permissions: [Job/Read] } }\nrules:\n${many(300, (n) => `  - { id: r${n}, group: g${n}, grant: x${n} }`)}\n`,
};

for (const [what, text] of Object.entries(MANY))
  test(`of very many problems (${what}) a hundred are told, and that there are more: a policy is read in a moment`, () => {
    const { findings } = parsePolicy([{ path: 'policy.yaml', text }]);
    assert.equal(findings.length, 101);
    assert.match(findings.at(-1)!.finding, /^There are more problems than these/);
    assert.equal(new Set(findings.map(({ subject, finding }) => `${subject} ${finding}`)).size, 101);
  });

test('a key has its line wherever it stands, and of a hundred problems all are told', () => {
  const text = `version: 1\n${many(100, (n) => `k${n}: 1`)}\nrules: []\n`;
  const { findings } = parsePolicy([{ path: 'policy.yaml', text }]);
  assert.deepEqual(
    findings.map(({ line }) => line),
    Array.from({ length: 100 }, (_, n) => n + 2),
  );
});
