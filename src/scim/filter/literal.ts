import { refuse } from '../../errors.ts';
import { instantOf } from '../instantOf.ts';
import { numberIn } from '../numberIn.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';
import type { CompareOperator } from './filter.ts';
import type { Reading } from './reading.ts';
import type { Literal } from './syntax.ts';

const EQUALITY: ReadonlySet<CompareOperator> = new Set(['eq', 'ne']);
const INSTANT = 'an RFC 3339 instant in double quotes';
const PARTS: ReadonlySet<CompareOperator> = new Set(['co', 'sw', 'ew']);

/**
 * The value of a comparison, of the attribute's own type: booleans and binaries have no order, instants no parts
 * (RFC 7644 §3.4.2.2, table 3). @throws ScimError SCIM_FILTER
 */
export function comparable(
  leaf: AttributeDefinition,
  operator: CompareOperator,
  literal: Literal,
  reading: Pick<Reading, 'lenient' | 'note'>,
): string | number | boolean {
  switch (leaf.type) {
    case 'boolean':
      if (!EQUALITY.has(operator)) throw unfit(leaf, operator, literal);
      return boolean(leaf, literal, reading);
    case 'dateTime': {
      if (PARTS.has(operator)) throw unfit(leaf, operator, literal);
      const instant = instantOf(text(leaf, literal, INSTANT, reading));
      if (instant === undefined) throw wants(leaf, literal, INSTANT);
      return instant;
    }
    case 'decimal':
    case 'integer':
      if (PARTS.has(operator)) throw unfit(leaf, operator, literal);
      return number(leaf, literal, reading);
    default:
      if (leaf.type === 'binary' && !EQUALITY.has(operator)) throw unfit(leaf, operator, literal);
      return text(leaf, literal, 'a string in double quotes', reading);
  }
}

/** The text of a literal; a word without quotes is one leniently, unless it has quotes of another kind. */
function text(
  leaf: AttributeDefinition,
  literal: Literal,
  wanted: string,
  { lenient, note }: Pick<Reading, 'lenient' | 'note'>,
): string {
  if (literal.form === 'string') return String(literal.value);
  if (!lenient || literal.text.startsWith("'")) throw wants(leaf, literal, wanted);
  note('bare-word');
  return literal.text;
}

function boolean(
  leaf: AttributeDefinition,
  literal: Literal,
  { lenient, note }: Pick<Reading, 'lenient' | 'note'>,
): boolean {
  if (typeof literal.value === 'boolean') return literal.value;
  const word = typeof literal.value === 'string' && lenient ? literal.value.toLowerCase() : '';
  if (word !== 'true' && word !== 'false') throw wants(leaf, literal, 'true or false');
  note('text-boolean');
  return word === 'true';
}

function number(
  leaf: AttributeDefinition,
  literal: Literal,
  { lenient, note }: Pick<Reading, 'lenient' | 'note'>,
): number {
  if (typeof literal.value === 'number') return literal.value;
  const found = literal.form === 'string' && lenient ? numberIn(String(literal.value)) : undefined;
  if (found === undefined) throw wants(leaf, literal, 'a number');
  note('text-number');
  return found;
}

function unfit(leaf: AttributeDefinition, operator: CompareOperator, literal: Literal): Error {
  return refuse('SCIM_FILTER', {
    reason: `column ${literal.column}: ${leaf.name} is of type ${leaf.type}, which ${operator} does not compare`,
  });
}

function wants(leaf: AttributeDefinition, literal: Literal, wanted: string): Error {
  return refuse('SCIM_FILTER', { reason: `column ${literal.column}: ${leaf.name} is compared with ${wanted}` });
}
