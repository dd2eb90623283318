import type { Finding } from '../../access/finding.ts';
import type { Config } from '../../config/schema.ts';
import { refuse } from '../../errors.ts';
import { policyJsonSchema } from '../../policy/jsonSchema.ts';
import { lint } from '../../policy/lint.ts';
import { parsePolicy } from '../../policy/parse.ts';
import { preview } from '../../policy/preview.ts';
import { readPolicy } from '../../policy/read.ts';
import type { PreviewQuery } from '../engine.ts';
import type { Explanation } from '../print/explanation.ts';

/** Every error and warning of a policy, file or folder; no network and no database. @throws ScimError POL_* */
export async function lintPolicy(path: string): Promise<readonly Finding[]> {
  const result = parsePolicy(readPolicy(path));
  return result.policy === undefined ? result.findings : [...result.findings, ...lint(result.policy)];
}

export function policySchema(): unknown {
  return policyJsonSchema();
}

/** What somebody in these groups would get where; every controller of the configuration, or one that stands for all. */
export async function previewPolicy(
  path: string,
  query: PreviewQuery,
  config: Config | undefined,
): Promise<Explanation> {
  const result = parsePolicy(readPolicy(path));
  if (result.policy === undefined) {
    const count = result.findings.filter(({ level }) => level === 'error').length;
    throw refuse('POL_INVALID', { count });
  }
  const targets = (config?.controllers ?? [{ name: 'any', labels: {} }])
    .filter(({ name }) => query.controller === undefined || name === query.controller)
    .map(({ name, labels }) => ({ name, labels }));
  return preview(result.policy, { user: query.user, groups: query.groups }, targets);
}
