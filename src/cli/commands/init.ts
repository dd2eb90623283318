import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PROFILES } from '../../config/connection.ts';
import { configJsonSchema } from '../../config/jsonSchema.ts';
import { usage } from '../failure.ts';
import type { Answers } from '../init/answers.ts';
import { answers, type InitOptions } from '../init/ask.ts';
import { configurationText } from '../init/configuration.ts';
import { examine } from '../init/examine.ts';
import { policyText, proposedPolicy } from '../init/policy.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { outcome } from '../outcome.ts';
import { writeWhole } from '../wholeFile.ts';

interface Options extends InitOptions {
  readonly fromController?: boolean;
  readonly check: boolean;
  readonly force?: boolean;
  readonly schemas?: boolean;
}

const EXAMPLE = `jenkins-scim init
jenkins-scim init --provider okta --jenkins https://ci.example.com/ --user jenkins-scim --token-file ./jenkins-token`;

/** `init`: writes both files from questions or flags, and looks whether the controller answers. */
export const registerInit: Register = (program, host) => {
  commandOf(program, 'init', 'write jenkins-scim.yaml and policy.yaml, and check the connection', EXAMPLE)
    .option('--provider <name...>', `profile of each identity provider: ${PROFILES.join(', ')}`)
    .option('--jenkins <url>', 'URL of the controller')
    .option('--controller <name>', 'its name in policy and commands')
    .option('--user <id>', 'account of the service on it')
    .option('--token-file <file>', 'file that holds its API token')
    .option('--token-env <name>', 'variable that holds its API token')
    .option('--break-glass <id>', 'local administrator that must always get in')
    .option('--ca <file>', 'PEM file of its CA')
    .option('--mode <mode>', 'off, observe, add-only or enforce')
    .option('--external-url <url>', 'what identity providers will call, without /scim/v2')
    .option('--from-controller', 'propose rules from the roles that are there')
    .option('--schemas', 'write the JSON schemas beside, for editors')
    .option('--no-check', 'do not contact the controller')
    .option('--force', 'replace files that exist')
    .action(
      action<Options>(host, async ({ options, config }) => {
        const path = resolve(config);
        const policyPath = join(dirname(path), 'policy.yaml');
        for (const file of [path, policyPath])
          if (existsSync(file) && options.force !== true) throw usage(`${file} exists; --force replaces it`);
        const given = await answers(options, host);
        if (options.fromController === true && (given.controller === undefined || !options.check))
          throw usage('--from-controller needs --jenkins URL, and the connection');
        writeWhole(path, configurationText(given), 0o644);
        writeWhole(policyPath, policyText(given.connections.map(({ name }) => name)), 0o644);
        const written = [path, policyPath];
        if (options.schemas === true) written.push(...writeSchemas(dirname(path), await host.modules.policy.schema()));
        const found =
          given.controller !== undefined && options.check
            ? await examine(path, given.controller.name, host)
            : undefined;
        if (options.fromController === true && found?.observed !== undefined)
          writeWhole(
            policyPath,
            proposedPolicy(
              found.observed,
              given.connections.map(({ name }) => name),
            ),
            0o644,
          );
        const lines = [
          ...written.map((file) => `Wrote ${file}`),
          '',
          ...(found?.lines ?? []),
          'Next:',
          ...next(given, found?.failed === true),
        ];
        const json = { written, controller: found?.json ?? null };
        return outcome(found?.failed === true ? 1 : 0, json, `${lines.join('\n')}\n`);
      }),
    );
};

function next({ connections, controller }: Answers, failed: boolean): string[] {
  return [
    ...(controller === undefined ? ['  name a controller in jenkins-scim.yaml (docs/connect-a-controller.md)'] : []),
    ...(failed ? [`  jenkins-scim controller check ${controller?.name}`] : []),
    '  jenkins-scim policy lint',
    `  jenkins-scim token create --connection ${connections[0]?.name ?? 'NAME'}`,
    '  jenkins-scim serve',
    '  jenkins-scim plan',
  ];
}

function writeSchemas(folder: string, policySchema: unknown): string[] {
  const files: [string, unknown][] = [
    [join(folder, 'jenkins-scim.schema.json'), configJsonSchema()],
    [join(folder, 'policy.schema.json'), policySchema],
  ];
  for (const [file, schema] of files) writeWhole(file, `${JSON.stringify(schema, undefined, 2)}\n`, 0o644);
  return files.map(([file]) => file);
}
