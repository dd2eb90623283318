import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { RunBy } from '../access/operator.ts';
import { checkConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { unknownController } from '../config/unknown.ts';
import type { Engine } from './engine.ts';
import type { Invocation } from './invocation.ts';
import { stderrLog } from './logging.ts';
import type { EngineOptions } from './modules.ts';
import { progress } from './progress.ts';
import { version } from './version.ts';

/** The configuration of a command; further problems go to stderr, the first one is thrown. @throws ScimError CFG_* */
export function configuration(invocation: Pick<Invocation<unknown>, 'config' | 'host'>): Config {
  const result = checkConfig(invocation.config, invocation.host.environment);
  if (result.config !== undefined) return result.config;
  for (const problem of result.problems.slice(1)) invocation.host.terminal.err(`${problem.code}: ${problem.message}\n`);
  throw result.problems[0];
}

/** Opens the engine for one command and closes it whatever happens. `say` shows progress on a terminal. */
export async function session<T>(
  invocation: Invocation<unknown>,
  run: (engine: Engine, config: Config, say: (text: string) => void) => Promise<T>,
): Promise<T> {
  const { host } = invocation;
  const config = configuration(invocation);
  const shown = progress(host.terminal);
  const engine = await host.modules.engine(config, stderrLog(host.environment, 'warn'), byOperator(invocation));
  try {
    return await run(engine, config, shown.say);
  } finally {
    shown.done();
    await engine.close();
  }
}

/** What an engine is told of who calls. */
export function byOperator(invocation: Pick<Invocation<unknown>, 'host' | 'config' | 'operator'>): EngineOptions {
  return { operator: invocation.operator, runBy: runBy(invocation) };
}

/** Of a process: its account, its machine, its version, its files. */
export function runBy({ host, config }: Pick<Invocation<unknown>, 'host' | 'config'>): RunBy {
  const variables = Object.keys(host.environment)
    .filter((name) => name.startsWith('JENKINS_SCIM__'))
    .sort();
  return {
    ...{ user: host.account, host: hostname(), version: version(), file: resolve(config) },
    ...(variables.length === 0 ? {} : { variables }),
  };
}

/** Refuses the name of a controller that is not configured. @throws ScimError CTL_UNKNOWN */
export function knownController(config: Config, name: string | undefined): void {
  const known = config.controllers.map((controller) => controller.name);
  if (name !== undefined && !known.includes(name)) throw unknownController(name, known);
}

/** Leaves out what was not given: exact optional properties. */
export function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
