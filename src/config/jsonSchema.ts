import { z } from 'zod';
import { document } from './schema.ts';

/** A JSON schema as far as it is walked here. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** The JSON schema that is published as `jenkins-scim.schema.json`, from the schema that validates. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(document, { io: 'input' });
  return { $schema, title: 'jenkins-scim.yaml', ...rest };
}

/** The part of the schema that describes what stands at `path`; undefined where nothing may. */
export function schemaAt(path: readonly PropertyKey[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>(
    (schema, key) => (schema === undefined ? undefined : child(schema, key)),
    configJsonSchema(),
  );
}

function child(schema: JsonSchema, key: PropertyKey): JsonSchema | undefined {
  if (typeof key === 'number') return schema.items;
  const named = schema.properties?.[String(key)];
  if (named !== undefined) return named;
  if (typeof schema.additionalProperties === 'object') return schema.additionalProperties;
  return schema.anyOf?.map((option) => child(option, key)).find((found) => found !== undefined);
}

/** The keys a mapping described by `schema` may have; empty where names are free. */
export function knownKeys(schema: JsonSchema | undefined): string[] {
  if (schema === undefined) return [];
  return [...Object.keys(schema.properties ?? {}), ...(schema.anyOf ?? []).flatMap(knownKeys)];
}
