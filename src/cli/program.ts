import { type Command, CommanderError } from 'commander';
import { describe, exitOf } from './failure.ts';
import type { Host, Register } from './invocation.ts';
import { documentText } from './printable.ts';
import { version } from './version.ts';
import { missingCommand, Words } from './words.ts';

interface Loadable {
  /** Of the commands of one file. */
  readonly names: readonly string[];
  readonly load: () => Promise<Register>;
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly Loadable[] = [
  { names: ['init'], load: async () => (await import('./commands/init.ts')).registerInit },
  { names: ['serve'], load: async () => (await import('./commands/serve.ts')).registerServe },
  { names: ['plan'], load: async () => (await import('./commands/plan.ts')).registerPlan },
  { names: ['apply'], load: async () => (await import('./commands/apply.ts')).registerApply },
  { names: ['quarantine'], load: async () => (await import('./commands/quarantine.ts')).registerQuarantine },
  { names: ['adopt', 'disown'], load: async () => (await import('./commands/adopt.ts')).registerAdopt },
  { names: ['sync'], load: async () => (await import('./commands/sync.ts')).registerSync },
  { names: ['pause', 'resume'], load: async () => (await import('./commands/pause.ts')).registerPause },
  { names: ['explain'], load: async () => (await import('./commands/explain.ts')).registerExplain },
  { names: ['doctor'], load: async () => (await import('./commands/doctor.ts')).registerDoctor },
  { names: ['token'], load: async () => (await import('./commands/token.ts')).registerToken },
  { names: ['controller'], load: async () => (await import('./commands/controller.ts')).registerController },
  { names: ['policy'], load: async () => (await import('./commands/policy.ts')).registerPolicy },
  { names: ['leaver'], load: async () => (await import('./commands/leaver.ts')).registerLeaver },
  { names: ['ghosts'], load: async () => (await import('./commands/ghosts.ts')).registerGhosts },
  { names: ['older'], load: async () => (await import('./commands/older.ts')).registerOlder },
  { names: ['ledger'], load: async () => (await import('./commands/ledger.ts')).registerLedger },
  { names: ['review'], load: async () => (await import('./commands/review.ts')).registerReview },
  { names: ['db'], load: async () => (await import('./commands/db.ts')).registerDb },
  { names: ['clock'], load: async () => (await import('./commands/clock.ts')).registerClock },
  { names: ['recover'], load: async () => (await import('./commands/recover.ts')).registerRecover },
  { names: ['demo'], load: async () => (await import('./commands/demo.ts')).registerDemo },
];

/** Builds the command line with the commands that the words name, or with all: the service does not pay for the dialogues of `init`. */
export async function program(words: readonly string[], host: Host): Promise<Command> {
  const isNamed = ({ names }: Loadable): boolean => names.some((name) => words.includes(name));
  const first = firstOperand(words);
  const known = first === 'help' || COMMANDS.some(({ names }) => first !== undefined && names.includes(first));
  const named = known ? COMMANDS.filter(isNamed) : [];
  const registers = await Promise.all((named.length === 0 ? COMMANDS : named).map(({ load }) => load()));
  const root = new Words('jenkins-scim')
    .description('The identity provider as the source of truth for who may do what on every Jenkins controller.')
    .version(version(), '-V, --version')
    .option('--config <file>', 'the configuration', 'jenkins-scim.yaml')
    .option('--json', 'one JSON document on stdout')
    .option('--by <name>', 'who does this, for the ledger, where an account is shared')
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.min(host.terminal.width, 100) })
    .configureOutput({ writeOut: host.terminal.out, writeErr: host.terminal.err, outputError: () => {} })
    .exitOverride()
    .addHelpText(
      'after',
      '\nExample:\n  jenkins-scim init\n  jenkins-scim serve\n\nExit codes: 0 fine, 1 error, 2 there is something to do, 64 usage, 130 Ctrl-C.\n',
    );
  for (const register of registers) register(root, host);
  return root;
}

/** Options before commands that take the next word. */
const TAKING = ['--config', '--by'];

/** The word that names the command: the first that is neither an option nor the value of one that stands before commands. */
function firstOperand(words: readonly string[]): string | undefined {
  return words.find((word, at) => !word.startsWith('-') && !TAKING.includes(words[at - 1] ?? ''));
}

/** Runs one command line; the exit code goes to `host.exit`. */
export async function runProgram(words: readonly string[], host: Host): Promise<void> {
  let commands: Command | undefined;
  try {
    commands = await program(words, host);
    await commands.parseAsync([...words], { from: 'user' });
  } catch (error) {
    const helped = error instanceof CommanderError && error.exitCode === 0;
    // The help is on stderr then: a command that needs one more word was called without it, or one that is not there was asked for.
    const shown = error instanceof CommanderError && error.code === 'commander.help';
    if (!helped) {
      const told = shown && commands !== undefined ? missingCommand(commands, words) : error;
      const { json, text } = describe(told, host.environment.JENKINS_SCIM_LOG === 'debug');
      if (words.includes('--json')) host.terminal.out(documentText(json));
      if (!shown) host.terminal.err(text);
    }
    host.exit(exitOf(error));
  }
}
