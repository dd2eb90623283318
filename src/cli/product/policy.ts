import type { Config } from '../../config/schema.ts';
import { unknownConnection, unknownController } from '../../config/unknown.ts';
import { refuse } from '../../errors.ts';
import { policyJsonSchema } from '../../policy/jsonSchema.ts';
import { lint } from '../../policy/lint.ts';
import { parsePolicy } from '../../policy/parse.ts';
import { preview } from '../../policy/preview.ts';
import { readPolicy } from '../../policy/read.ts';
import type { PolicyLint } from '../answers.ts';
import { systemClock } from '../edge.ts';
import type { PolicySurroundings, PreviewQuery } from '../engine.ts';
import type { Explanation } from '../print/explanation.ts';

/**
 * Every error and warning of a policy, file or folder; no network and no database. With a configuration its connections and
 * controllers are looked at too, and with `groups` whether the directory has what rules name. @throws ScimError POL_*
 */
export async function lintPolicy(path: string, around: PolicySurroundings = {}): Promise<PolicyLint> {
  const result = parsePolicy(readPolicy(path));
  if (result.policy === undefined) return { findings: result.findings };
  const { config, groups } = around;
  const context = {
    now: systemClock.now(),
    ...(config === undefined ? {} : { connections: primaryFirst(config), controllers: config.controllers }),
    ...(groups === undefined ? {} : { groups }),
  };
  return { digest: result.policy.digest, findings: [...result.findings, ...lint(result.policy, context)] };
}

function primaryFirst({ connections }: Config): string[] {
  return connections.toSorted((a, b) => Number(b.primary) - Number(a.primary)).map(({ name }) => name);
}

export function policySchema(): unknown {
  return policyJsonSchema();
}

/**
 * What somebody in these groups would get where; every controller of the configuration, or one that stands for all.
 * @throws ScimError POL_*, CTL_UNKNOWN, CLI_USAGE (unknown connection)
 */
export async function previewPolicy(
  path: string,
  query: PreviewQuery,
  config: Config | undefined,
): Promise<Explanation> {
  const result = parsePolicy(readPolicy(path));
  if (result.policy === undefined) {
    const count = result.findings.filter(({ level }) => level === 'error').length;
    throw refuse('POL_INVALID', { path, count });
  }
  const { user, groups, controller, connection } = query;
  const known = config?.controllers.map(({ name }) => name) ?? [];
  if (config !== undefined && controller !== undefined && !known.includes(controller))
    throw unknownController(controller, known);
  const connections = config === undefined ? [] : primaryFirst(config);
  if (config !== undefined && connection !== undefined && !connections.includes(connection))
    throw unknownConnection(connection, connections);
  const anywhere = { name: controller ?? 'any', labels: {} };
  const targets = known.length === 0 ? [anywhere] : (config?.controllers ?? []);
  return preview(
    result.policy,
    { user, groups },
    targets
      .filter(({ name }) => controller === undefined || name === controller)
      .map(({ name, labels }) => ({ name, labels })),
    {
      now: systemClock.now(),
      ...(connections[0] === undefined ? {} : { primaryConnection: connections[0] }),
      ...(connection === undefined ? {} : { connection }),
    },
  );
}
