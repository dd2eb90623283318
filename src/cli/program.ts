import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { registerAdopt } from './commands/adopt.ts';
import { registerApply } from './commands/apply.ts';
import { registerController } from './commands/controller.ts';
import { registerDb } from './commands/db.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerExplain } from './commands/explain.ts';
import { registerGhosts } from './commands/ghosts.ts';
import { registerInit } from './commands/init.ts';
import { registerLeaver } from './commands/leaver.ts';
import { registerLedger } from './commands/ledger.ts';
import { registerPause } from './commands/pause.ts';
import { registerPlan } from './commands/plan.ts';
import { registerPolicy } from './commands/policy.ts';
import { registerQuarantine } from './commands/quarantine.ts';
import { registerReview } from './commands/review.ts';
import { registerServe } from './commands/serve.ts';
import { registerSync } from './commands/sync.ts';
import { registerToken } from './commands/token.ts';
import { describe, exitOf } from './failure.ts';
import type { Host, Register } from './invocation.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Register[] = [
  registerInit,
  registerServe,
  registerPlan,
  registerApply,
  registerQuarantine,
  registerAdopt,
  registerSync,
  registerPause,
  registerExplain,
  registerDoctor,
  registerToken,
  registerController,
  registerPolicy,
  registerLeaver,
  registerGhosts,
  registerLedger,
  registerReview,
  registerDb,
  registerDemo,
];

/** Builds the command line. */
export function program(host: Host): Command {
  const root = new Command('jenkins-scim')
    .description('The identity provider as the source of truth for who may do what on every Jenkins controller.')
    .version(version(), '-V, --version')
    .option('--config <file>', 'the configuration', 'jenkins-scim.yaml')
    .option('--json', 'one JSON document on stdout')
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.min(host.terminal.width, 100) })
    .configureOutput({ writeOut: host.terminal.out, writeErr: host.terminal.err, outputError: () => {} })
    .exitOverride()
    .addHelpText(
      'after',
      '\nExample:\n  jenkins-scim init\n  jenkins-scim serve\n\nExit codes: 0 fine, 1 error, 2 there is something to do, 64 usage.\n',
    );
  for (const register of COMMANDS) register(root, host);
  return root;
}

/** Runs one command line; the exit code goes to `host.exit`. */
export async function runProgram(words: readonly string[], host: Host): Promise<void> {
  try {
    await program(host).parseAsync([...words], { from: 'user' });
  } catch (error) {
    const help = error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help');
    if (!help) {
      const { json, text } = describe(error, host.environment.JENKINS_SCIM_LOG === 'debug');
      if (words.includes('--json')) host.terminal.out(`${JSON.stringify(json, undefined, 2)}\n`);
      host.terminal.err(text);
    }
    host.exit(exitOf(error));
  }
}

/** The version of the package this file belongs to. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
