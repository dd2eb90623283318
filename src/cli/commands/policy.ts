import { existsSync } from 'node:fs';
import type { Config } from '../../config/schema.ts';
import { action, commandOf, type Invocation, type Register } from '../invocation.ts';
import { fine, outcome } from '../outcome.ts';
import { explanationText } from '../print/explanation.ts';
import { findingsText } from '../print/findings.ts';
import { configuration, given } from '../session.ts';
import { laterCommand } from './later.ts';

interface PreviewOptions {
  readonly user: string;
  readonly group?: readonly string[];
  readonly controller?: string;
  readonly connection?: string;
}

/** `policy lint|schema|preview`: no network, no secrets, and no configuration where a file is named. */
export const registerPolicy: Register = (program, host) => {
  const group = commandOf(program, 'policy', 'check and try the policy', 'jenkins-scim policy lint');
  const { policy } = host.modules;

  commandOf(group, 'lint', 'every error and warning, with line and remedy', 'jenkins-scim policy lint policy.yaml')
    .argument('[file]', 'default: the policy of the configuration')
    .action(
      action<object, [string | undefined]>(host, async (invocation, file) => {
        const config = configured(invocation, file === undefined);
        const path = file ?? config?.policy ?? 'policy.yaml';
        const { digest, findings } = await policy.lint(path, config === undefined ? {} : { config });
        const worst = findings.some(({ level }) => level === 'error')
          ? 1
          : findings.some(({ level }) => level === 'warning')
            ? 2
            : 0;
        const shown = digest === undefined ? '' : `Digest ${digest}\n`;
        return outcome(
          worst,
          { digest: digest ?? null, findings },
          findingsText(findings, 'The policy is fine.') + shown,
        );
      }),
    );

  commandOf(group, 'schema', 'the JSON schema, for editors', 'jenkins-scim policy schema > policy.schema.json').action(
    action(host, async () => {
      const schema = await policy.schema();
      return fine(schema, `${JSON.stringify(schema, undefined, 2)}\n`);
    }),
  );

  commandOf(
    group,
    'preview',
    'what a person would get where, and why',
    'jenkins-scim policy preview --user ana@corp.test --group ci-pay-dev',
  )
    .argument('[file]', 'default: the policy of the configuration')
    .requiredOption('--user <name>', 'the userName')
    .option('--group <name...>', 'the groups the person is in')
    .option('--controller <name>', 'this controller only')
    .option('--connection <name>', 'the connection the person is of; default: the primary one')
    .action(
      action<PreviewOptions, [string | undefined]>(host, async (invocation, file) => {
        const { user, group: groups = [], controller, connection } = invocation.options;
        const config = configured(invocation, file === undefined);
        const path = file ?? config?.policy ?? 'policy.yaml';
        const query = { user, groups, ...given({ controller, connection }) };
        const explanation = await policy.preview(path, query, config);
        return fine(explanation, explanationText(explanation, { supposed: true }));
      }),
    );

  laterCommand(group, 'test', host, {
    example: 'jenkins-scim policy preview --user ana@corp.test --group ci-pay-dev',
    text: 'try people with `policy preview`',
  });
};

/** The configuration, if it is there or needed. */
function configured(invocation: Invocation<unknown>, needed: boolean): Config | undefined {
  return needed || existsSync(invocation.config) ? configuration(invocation) : undefined;
}
