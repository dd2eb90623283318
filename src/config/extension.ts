import { z } from 'zod';

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const TYPES = ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'binary', 'reference'] as const;

const attributeName = z
  .string()
  .regex(NAME, 'a name starts with a letter and has letters, digits, _ and -, at most 64')
  .refine((name) => !(name in Object.prototype), 'a name that every object has');
const about = z.string().max(1000).default('').describe('Shown in /Schemas.');

const characteristics = {
  mutability: z
    .enum(['readWrite', 'readOnly', 'immutable', 'writeOnly'])
    .exactOptional()
    .describe('immutable: set once. writeOnly: accepted and discarded, as a password is. Default readWrite.'),
  returned: z.enum(['always', 'never', 'default', 'request']).exactOptional().describe('Default default.'),
};

const simple = z.strictObject({
  ...characteristics,
  type: z.enum(TYPES).default('string'),
  multiValued: z.boolean().default(false).describe('A list of values.'),
  caseExact: z.boolean().default(false).describe('Whether A and a differ in filters.'),
  description: about,
  uniqueness: z
    .enum(['none', 'server'])
    .exactOptional()
    .describe('server: a value that another resource of the connection has is refused. Default none.'),
  canonicalValues: z.array(z.string().min(1).max(256)).min(1).max(100).exactOptional().describe('Usual values.'),
  maxLength: z.int().min(1).max(65_536).exactOptional().describe('Longest text; default 4096.'),
});

/** Sub-attributes have one value each, and none below them (RFC 7643 §2.3.8). */
const sub = simple.omit({ multiValued: true, uniqueness: true });

const complex = z.strictObject({
  ...characteristics,
  type: z.literal('complex'),
  multiValued: z.boolean().default(false).describe('A list of objects.'),
  description: about,
  attributes: z.record(attributeName, sub).refine(unlike, 'names differ in more than case'),
});

export const extension = z
  .strictObject({
    resource: z.enum(['User', 'Group']).default('User').describe('The resources that have it.'),
    name: z.string().min(1).max(64).exactOptional().describe('Shown in /Schemas; default: the last part of the URN.'),
    description: about,
    attributes: z
      .record(attributeName, z.union([complex, simple]))
      .refine((value) => Object.keys(value).length > 0, 'an extension has attributes')
      .refine(unlike, 'names differ in more than case'),
  })
  .describe('A schema extension: attributes that an identity provider may write, read and filter by.');

/** Extensions by URN. No name of theirs can leave the quotes of a JSON path or of a header. */
export const extensions = z
  .record(
    z
      .string()
      .regex(/^urn:[A-Za-z0-9][A-Za-z0-9:._-]{2,250}$/, 'a URN begins with urn: and has letters, digits and : . _ -')
      .refine((urn) => !/^urn:ietf:/i.test(urn), 'urn:ietf: belongs to the IETF; choose a URN of your own')
      .refine((urn) => !/[:.]$/.test(urn), 'a URN does not end in : or .'),
    extension,
  )
  .refine((value) => Object.keys(value).length <= 20, 'at most 20 extensions')
  .refine(unlike, 'URNs differ in more than case')
  .refine(apart, 'no URN is the beginning of another one')
  .describe('Schema extensions by their URN.');

function unlike(value: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(value).map((name) => name.toLowerCase());
  return new Set(names).size === names.length;
}

/** `urn:a` and `urn:a:b` would make `urn:a:b:c` mean two things. */
function apart(value: Readonly<Record<string, unknown>>): boolean {
  const urns = Object.keys(value).map((urn) => `${urn.toLowerCase()}:`);
  return urns.every((one) => urns.every((other) => one === other || !other.startsWith(one)));
}

export type ExtensionConfig = z.output<typeof extension>;
export type ExtensionsConfig = z.output<typeof extensions>;
export type ExtensionAttribute = ExtensionConfig['attributes'][string];
