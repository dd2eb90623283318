import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';

const problems = (yaml: string): string[] =>
  parseConfig(yaml, { file: 'x.yaml', folder: '/tmp', environment: {} }).problems.map(({ message }) => message);

test('extensions are read, with defaults', () => {
  const { config, problems: found } = parseConfig(
    'extensions:\n  urn:example:ci:User:\n    attributes:\n      shift: {}\n      desk: { type: complex, attributes: { room: {} } }\n',
    { file: 'x.yaml', folder: '/tmp', environment: {} },
  );
  assert.deepEqual(found, []);
  const extension = config!.extensions['urn:example:ci:User']!;
  assert.equal(extension.resource, 'User');
  assert.deepEqual(extension.attributes.shift, {
    type: 'string',
    multiValued: false,
    caseExact: false,
    description: '',
  });
});

for (const [name, yaml, wanted] of [
  [
    'a URN of the IETF',
    'extensions: { "urn:ietf:params:scim:schemas:core:2.0:User": { attributes: { a: {} } } }',
    /urn:ietf:/,
  ],
  ['no URN', 'extensions: { ci: { attributes: { a: {} } } }', /Invalid key|URN/],
  ['a quote in a URN', `extensions: { 'urn:a:"b': { attributes: { a: {} } } }`, /Invalid key|URN/],
  ['a quote in a name', `extensions: { 'urn:a:bc': { attributes: { 'a"b': {} } } }`, /attributes/],
  ['a name that every object has', 'extensions: { "urn:a:bc": { attributes: { constructor: {} } } }', /attributes/],
  ['no attributes', 'extensions: { "urn:a:bc": { attributes: {} } }', /attributes/],
  ['names that differ in case only', 'extensions: { "urn:a:bc": { attributes: { a: {}, A: {} } } }', /case/],
  [
    'a URN below another one',
    'extensions: { "urn:a:bc": { attributes: { a: {} } }, "urn:a:bc:d": { attributes: { a: {} } } }',
    /beginning/,
  ],
  ['an unknown type', 'extensions: { "urn:a:bc": { attributes: { a: { type: blob } } } }', /type|attributes/],
  [
    'complex in complex',
    'extensions: { "urn:a:bc": { attributes: { a: { type: complex, attributes: { b: { type: complex } } } } } }',
    /attributes/,
  ],
] as const)
  test(`refused: ${name}`, () => {
    const found = problems(yaml);
    assert.ok(found.length > 0);
    assert.ok(
      found.some((text) => wanted.test(text)),
      found.join('\n'),
    );
  });
