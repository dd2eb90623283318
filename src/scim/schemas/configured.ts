import type { ExtensionAttribute, ExtensionsConfig } from '../../config/extension.ts';
import { type AttributeDefinition, attribute, complex } from './attribute.ts';
import { type Catalogue, catalogue } from './catalogue.ts';

/** The catalogue of a service whose configuration names extensions; all of their attributes are readWrite. */
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

function definition(name: string, configured: ExtensionAttribute): AttributeDefinition {
  const { multiValued } = configured;
  if (configured.type !== 'complex') return { ...simple(name, configured), multiValued };
  const subs = Object.entries(configured.attributes).map(([key, value]) => simple(key, value));
  return complex(name, configured.description, subs, { multiValued });
}

function simple(
  name: string,
  { type, caseExact, description, canonicalValues, maxLength }: Simple,
): AttributeDefinition {
  return attribute(name, description, {
    type,
    caseExact: caseExact || type === 'binary' || type === 'reference',
    ...(canonicalValues === undefined ? {} : { canonicalValues }),
    ...(type === 'reference' ? { referenceTypes: ['external'] } : {}),
    rules: maxLength === undefined ? {} : { maxLength },
  });
}
