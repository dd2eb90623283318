import { PROFILES } from '../../config/connection.ts';
import { MODES } from '../../config/controller.ts';
import { didYouMean } from '../../config/nearest.ts';
import { baseUrl, entityName } from '../../config/scalars.ts';
import type { Mode, Profile } from '../../config/schema.ts';
import { usage } from '../failure.ts';
import type { Host } from '../invocation.ts';
import type { Answers } from './answers.ts';
import { type Dialogue, dialogue } from './dialogue.ts';

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

/** Completes the options into answers. @throws ScimError CLI_USAGE, CLI_ABORTED */
export async function answers(options: InitOptions, host: Host): Promise<Answers> {
  if (!host.terminal.interactive || options.jenkins !== undefined || options.provider !== undefined)
    return fromOptions(options);
  const asking = dialogue(process.stdin, process.stderr, true);
  try {
    return fromOptions({ ...options, ...(await questions(asking)) });
  } finally {
    asking.close();
  }
}

/** The questions; a wrong answer is told and asked again. */
export async function questions({ ask }: Pick<Dialogue, 'ask'>): Promise<InitOptions> {
  const provider = await ask(`Identity provider (${PROFILES.join(', ')})`, 'okta', providerProblem);
  const jenkins = await ask('URL of the Jenkins controller (empty: later)', '', (answer) =>
    answer === '' ? undefined : problemOf(baseUrl, answer),
  );
  if (jenkins === '') return { provider: [provider] };
  const breakGlass = await ask('Local administrator that must always get in (empty: none)', '');
  return {
    provider: [provider],
    jenkins,
    controller: await ask('Name for it in the policy', 'ci-main', (answer) => problemOf(entityName, answer)),
    user: await ask('Account of the service on it', 'jenkins-scim', (answer) =>
      answer === breakGlass ? 'that must be another account than the one that must always get in' : undefined,
    ),
    tokenFile: await ask('File that holds its API token', './jenkins-token'),
    ...(breakGlass === '' ? {} : { breakGlass }),
  };
}

function fromOptions(options: InitOptions): Answers {
  const connections = [...new Set(options.provider ?? ['okta'])].map((word) => {
    const problem = providerProblem(word);
    if (problem !== undefined) throw usage(`--provider ${word}: ${problem}`);
    return { name: word, profile: word as Profile };
  });
  const { jenkins, externalUrl } = options;
  if (externalUrl !== undefined) checked('--external-url', baseUrl, externalUrl);
  const common = { connections, ...(externalUrl === undefined ? {} : { externalUrl }) };
  if (jenkins === undefined) {
    const useless = Object.entries(OF_CONTROLLER).find(([key]) => options[key as keyof InitOptions] !== undefined);
    if (useless !== undefined) throw usage(`${useless[1]} needs --jenkins URL`);
    return common;
  }
  checked('--jenkins', baseUrl, jenkins);
  const name = options.controller ?? 'ci-main';
  checked('--controller', entityName, name);
  const user = options.user ?? 'jenkins-scim';
  if (options.breakGlass === user)
    throw usage(`--break-glass ${user}: that is the account of the service; name one that a person can log in with`);
  const mode = MODES.find((known): known is Mode => known === (options.mode ?? 'observe'));
  if (mode === undefined)
    throw usage(`--mode ${options.mode}: use one of ${MODES.join(', ')}${didYouMean(options.mode ?? '', MODES)}`);
  if (options.tokenFile !== undefined && options.tokenEnv !== undefined)
    throw usage('give --token-file or --token-env, not both');
  return {
    ...common,
    controller: {
      name,
      url: jenkins,
      user,
      apiToken:
        options.tokenEnv === undefined ? { file: options.tokenFile ?? './jenkins-token' } : { env: options.tokenEnv },
      mode,
      ...(options.breakGlass === undefined ? {} : { breakGlass: options.breakGlass }),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    },
  };
}

/** Options that say something about a controller, and so need one. */
const OF_CONTROLLER: Partial<Record<keyof InitOptions, string>> = {
  controller: '--controller',
  user: '--user',
  tokenFile: '--token-file',
  tokenEnv: '--token-env',
  breakGlass: '--break-glass',
  ca: '--ca',
  mode: '--mode',
};

type Schema = typeof baseUrl | typeof entityName;

function checked(option: string, schema: Schema, value: string): void {
  const problem = problemOf(schema, value);
  if (problem !== undefined) throw usage(`${option} ${value}: ${problem}`);
}

function problemOf(schema: Schema, value: string): string | undefined {
  const result = schema.safeParse(value);
  return result.success ? undefined : result.error.issues[0]?.message;
}

function providerProblem(word: string): string | undefined {
  return PROFILES.some((known) => known === word)
    ? undefined
    : `use one of ${PROFILES.join(', ')}${didYouMean(word, PROFILES)}`;
}
