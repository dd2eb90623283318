import { z } from 'zod';
import { policyDocument } from './document/schema.ts';

/** The JSON schema that is published as `policy.schema.json`, from the schema that validates. */
export function policyJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(policyDocument, { io: 'input' });
  return { $schema, title: 'policy.yaml', ...rest };
}
