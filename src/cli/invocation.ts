import type { Command } from 'commander';
import { isOperatorName, operatorCalled } from '../access/operator.ts';
import type { Clock } from '../access/ports/clock.ts';
import type { Disk } from '../access/ports/disk.ts';
import type { HttpAnswer } from '../access/ports/http.ts';
import type { Random } from '../access/ports/random.ts';
import type { Timers } from '../access/ports/timers.ts';
import { describe, exitOf, usage } from './failure.ts';
import type { Modules } from './modules.ts';
import type { Outcome } from './outcome.ts';
import { documentText } from './printable.ts';
import type { Terminal } from './terminal.ts';

/** What the process gives to commands: nothing else of it is used. */
export interface Host {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The account of the operating system that called. */
  readonly account: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly disk: Disk;
  readonly modules: Modules;
  /** An anonymous GET of one of our own URLs. */
  readonly ask: (url: string) => Promise<HttpAnswer>;
  /** Resolves with the name of the signal that asks the process to end. */
  stopped(): Promise<string>;
  /** Called once with the exit code when a command is done. */
  exit(code: number): void;
}

/** One call of a command: its options typed by the command that declares them. */
export interface Invocation<Options> {
  readonly host: Host;
  readonly options: Options;
  /** Path of the configuration. */
  readonly config: string;
  readonly json: boolean;
  /** Who calls, as the ledger says it: `operator:ana`. */
  readonly operator: string;
}

/** Registers a command of one file. */
export type Register = (program: Command, host: Host) => void;

/**
 * Makes a commander action of a function from arguments to an outcome: prints the outcome or the error,
 * once, in the form asked for.
 */
export function action<Options, Arguments extends readonly unknown[] = []>(
  host: Host,
  run: (invocation: Invocation<Options>, ...values: Arguments) => Promise<Outcome>,
): (...received: unknown[]) => Promise<void> {
  return async (...received) => {
    const command = received.at(-1) as Command;
    const globals = command.optsWithGlobals<{ config: string; json?: boolean; by?: string }>();
    const json = globals.json === true;
    try {
      const operator = operatorOf(host, globals.by);
      const invocation = { host, options: command.opts() as Options, config: globals.config, json, operator };
      const { exit, json: document, text } = await run(invocation, ...(command.processedArgs as unknown as Arguments));
      if (json && document !== undefined) host.terminal.out(documentText(document));
      if (!json) host.terminal.out(text);
      host.exit(exit);
    } catch (error) {
      report(host, error, json, command);
    }
  };
}

/** @throws ScimError CLI_USAGE */
function operatorOf({ account }: Host, by: string | undefined): string {
  if (by !== undefined && !isOperatorName(by))
    throw usage('--by takes a name: letters, digits and . _ @ + - \\, at most 64');
  return operatorCalled(account, by);
}

/** Tells an error in the form asked for and ends with its exit code. */
function report(host: Host, error: unknown, json: boolean, command?: Command): void {
  const { json: document, text } = describe(error, host.environment.JENKINS_SCIM_LOG === 'debug', command);
  if (json) host.terminal.out(documentText(document));
  host.terminal.err(text);
  host.exit(exitOf(error));
}

/** A command with an example in its help. */
export function commandOf(parent: Command, name: string, description: string, example: string): Command {
  return parent
    .command(name)
    .description(description)
    .addHelpText('after', `\nExample:\n  ${example.replaceAll('\n', '\n  ')}\n`);
}
