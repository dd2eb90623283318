type AttributeType = 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'binary' | 'reference' | 'complex';

/** What a schema document says of an attribute (RFC 7643 §7), as it is published. */
export interface Characteristics {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned: 'always' | 'never' | 'default' | 'request';
  readonly uniqueness: 'none' | 'server' | 'global';
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
}

/** What we keep to ourselves about an attribute; not part of a schema document. */
interface HouseRules {
  /** Longest accepted text, in UTF-16 units; default 4,096. */
  readonly maxLength?: number;
  /** Control characters are refused. */
  readonly singleLine?: true;
  /** Value of an attribute that a new resource does not give. Only an explicit `remove` unassigns it; filters then read it as false. */
  readonly default?: boolean;
  /** What filters read it as in an element that does not say. */
  readonly unsaid?: false;
  /** Computed while rendering: cannot be filtered or sorted by. */
  readonly computed?: true;
  /** `type` and `primary` of an element are labels of what else it says; alone they say nothing (RFC 7643 §2.4). */
  readonly labels?: true;
  /** The id of another resource: a bulk request may write `bulkId:…` for one that it creates (RFC 7644 §3.7.2). */
  readonly refers?: true;
  /** Its name in SCIM 1.1. */
  readonly formerly?: string;
  /** There is never a value of it: it is taken and ignored where a client sends it, and no part of the schema document. */
  readonly unpublished?: true;
  /** Some providers pack value and name into the text of `value`. */
  readonly packed?: true;
}

export interface AttributeDefinition extends Characteristics {
  readonly subAttributes?: readonly AttributeDefinition[];
  readonly rules: HouseRules;
}

/** Whether what a client writes is kept: not what only we write, nor what is accepted and discarded. */
export function isStored({ mutability }: Pick<Characteristics, 'mutability'>): boolean {
  return mutability === 'readWrite' || mutability === 'immutable';
}

type Traits = Partial<Omit<AttributeDefinition, 'name' | 'description'>>;

/** A singular readWrite string unless traits say otherwise. */
export function attribute(name: string, description: string, traits: Traits = {}): AttributeDefinition {
  return Object.freeze({
    name,
    type: 'string',
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    rules: {},
    ...traits,
  });
}

/** A complex attribute. */
export function complex(
  name: string,
  description: string,
  subAttributes: readonly AttributeDefinition[],
  traits: Traits = {},
): AttributeDefinition {
  return attribute(name, description, { type: 'complex', subAttributes, ...traits });
}

/** Not said, it is false (RFC 7643 §2.4). */
export const PRIMARY: AttributeDefinition = attribute(
  'primary',
  'Whether this is the preferred one; true at most once.',
  { type: 'boolean', rules: { unsaid: false } },
);

/** A multi-valued attribute with the default sub-attributes of RFC 7643 §2.4: value, display, type, primary. */
export function plural(
  name: string,
  description: string,
  types: readonly string[],
  value: AttributeDefinition = attribute('value', 'The value.'),
): AttributeDefinition {
  const type = attribute('type', 'A label of its function.', types.length === 0 ? {} : { canonicalValues: types });
  return complex(name, description, [value, attribute('display', 'A name for people.'), type, PRIMARY], {
    multiValued: true,
    rules: { labels: true },
  });
}
