import { createInterface } from 'node:readline/promises';
import { PROFILES } from '../../config/connection.ts';
import { MODES } from '../../config/controller.ts';
import type { Mode, Profile } from '../../config/schema.ts';
import { usage } from '../failure.ts';
import type { Host } from '../invocation.ts';
import type { Answers } from './answers.ts';

/** The options of `init`; what is missing is asked where somebody can answer. */
export interface InitOptions {
  readonly provider?: readonly string[];
  readonly controller?: string;
  readonly jenkins?: string;
  readonly user?: string;
  readonly tokenFile?: string;
  readonly tokenEnv?: string;
  readonly breakGlass?: string;
  readonly ca?: string;
  readonly mode?: string;
  readonly externalUrl?: string;
}

type Ask = (question: string, usual: string) => Promise<string>;

/** Completes the options into answers. @throws ScimError CLI_USAGE */
export async function answers(options: InitOptions, host: Host): Promise<Answers> {
  if (!host.terminal.interactive || options.jenkins !== undefined || options.provider !== undefined)
    return fromOptions(options);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ask: Ask = async (question, usual) => {
    const answer = (await terminal.question(usual === '' ? `${question}: ` : `${question} [${usual}]: `)).trim();
    return answer === '' ? usual : answer;
  };
  try {
    return fromOptions({ ...options, ...(await questions(ask)) });
  } finally {
    terminal.close();
  }
}

async function questions(ask: Ask): Promise<InitOptions> {
  const provider = await ask('Identity provider (okta, entra, generic)', 'okta');
  const jenkins = await ask('URL of the Jenkins controller (empty: later)', '');
  if (jenkins === '') return { provider: [provider] };
  const breakGlass = await ask('Local administrator that must always get in (empty: none)', 'admin');
  return {
    provider: [provider],
    jenkins,
    controller: await ask('Name for it in the policy', 'ci-main'),
    user: await ask('Account of the service on it', 'jenkins-scim'),
    tokenFile: await ask('File that holds its API token', './jenkins-token'),
    ...(breakGlass === '' ? {} : { breakGlass }),
  };
}

function fromOptions(options: InitOptions): Answers {
  const connections = (options.provider ?? ['okta']).map((word) => {
    const profile = PROFILES.find((known): known is Profile => known === word);
    if (profile === undefined) throw usage(`--provider ${word}: use one of ${PROFILES.join(', ')}`);
    return { name: word, profile };
  });
  const { jenkins, externalUrl } = options;
  const common = { connections, ...(externalUrl === undefined ? {} : { externalUrl }) };
  if (jenkins === undefined) {
    if (options.user !== undefined || options.tokenFile !== undefined)
      throw usage('--user and --token-file need --jenkins URL');
    return common;
  }
  const mode = MODES.find((known): known is Mode => known === (options.mode ?? 'observe'));
  if (mode === undefined) throw usage(`--mode ${options.mode}: use one of ${MODES.join(', ')}`);
  if (options.tokenFile !== undefined && options.tokenEnv !== undefined)
    throw usage('give --token-file or --token-env, not both');
  return {
    ...common,
    controller: {
      name: options.controller ?? 'ci-main',
      url: jenkins,
      user: options.user ?? 'jenkins-scim',
      apiToken:
        options.tokenEnv === undefined ? { file: options.tokenFile ?? './jenkins-token' } : { env: options.tokenEnv },
      mode,
      ...(options.breakGlass === undefined ? {} : { breakGlass: options.breakGlass }),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    },
  };
}
