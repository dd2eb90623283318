import type { ExtensionAttribute, ExtensionsConfig } from '../../config/extension.ts';
import { type AttributeDefinition, attribute, complex } from './attribute.ts';
import { type Catalogue, catalogue } from './catalogue.ts';

/** The catalogue of a service whose configuration names extensions. */
export function configuredCatalogue(extensions: ExtensionsConfig): Catalogue {
  return catalogue(
    Object.entries(extensions).map(([urn, { resource, name, description, attributes }]) => ({
      type: resource,
      schema: {
        urn,
        name: name ?? urn.slice(urn.lastIndexOf(':') + 1),
        description,
        attributes: Object.entries(attributes).map(([key, value]) => definition(key, value)),
      },
    })),
  );
}

type Simple = Omit<Exclude<ExtensionAttribute, { type: 'complex' }>, 'multiValued'>;

/** What is write-only is not shown (RFC 7643 §7). */
function traits({
  mutability,
  returned,
  uniqueness,
}: Pick<Simple, 'mutability' | 'returned' | 'uniqueness'>): Partial<AttributeDefinition> {
  return {
    ...(mutability === undefined ? {} : { mutability }),
    ...(returned === undefined ? {} : { returned }),
    ...(uniqueness === undefined ? {} : { uniqueness }),
    ...(mutability === 'writeOnly' ? { returned: 'never' } : {}),
  };
}

function definition(name: string, configured: ExtensionAttribute): AttributeDefinition {
  const { multiValued } = configured;
  if (configured.type !== 'complex') return { ...simple(name, configured), multiValued };
  const subs = Object.entries(configured.attributes)
    .map(([key, value]) => simple(key, value))
    .map((sub) => (multiValued ? asPrimary(sub) : sub));
  const labels = multiValued && subs.some((sub) => sub.name.toLowerCase() === 'value');
  return complex(name, configured.description, subs, {
    ...{ multiValued, ...traits(configured) },
    ...(labels ? { rules: { labels } } : {}),
  });
}

/** The mark of the preferred value is false where it is not said, whoever defines it (RFC 7643 §2.4). */
function asPrimary(sub: AttributeDefinition): AttributeDefinition {
  const marks = sub.type === 'boolean' && sub.name.toLowerCase() === 'primary';
  return marks ? { ...sub, rules: { ...sub.rules, unsaid: false } } : sub;
}

function simple(name: string, configured: Simple): AttributeDefinition {
  const { type, caseExact, description, canonicalValues, maxLength } = configured;
  return attribute(name, description, {
    type,
    caseExact: caseExact || type === 'binary' || type === 'reference',
    ...traits(configured),
    ...(canonicalValues === undefined ? {} : { canonicalValues }),
    ...(type === 'reference' ? { referenceTypes: ['external'] } : {}),
    rules: maxLength === undefined ? {} : { maxLength },
  });
}
