import { Command } from 'commander';
import { didYouMean } from '../config/nearest.ts';
import { refuse, type ScimError } from '../errors.ts';

/** A command that was called in a wrong way, or without what it needs: names what is wrong, what would do, and where to read on. */
export class Words extends Command {
  override createCommand(name?: string): Words {
    return new Words(name);
  }

  override error(message: string, options?: Parameters<Command['error']>[1]): never {
    const [text = '', near] = message.replace(/^error: /, '').split(/\s*\(Did you mean (.+?)\?\)/);
    // What commander takes for alike (`schema` for `check`) is none of ours.
    const word = options?.code === 'commander.unknownCommand' ? /'(.*)'$/.exec(text)?.[1] : undefined;
    const suggestion = near === undefined ? '' : `; did you mean ${near}?`;
    const said = `${text}${word === undefined ? suggestion : didYouMean(word, commandsOf(this))}`;
    throw refuse('CLI_USAGE', { reason: said, remedy: remedyOf(this, options?.code) });
  }
}

const OF_OPTIONS: ReadonlySet<string> = new Set([
  'commander.unknownOption',
  'commander.optionMissingArgument',
  'commander.missingMandatoryOptionValue',
]);

/** What to write instead, by the kind of the mistake. */
export function remedyOf(command: Command, code?: string): string {
  const name = fullName(command);
  if (code === 'commander.unknownCommand' || code === 'commander.help')
    return `Commands of ${name}: ${commandsOf(command).join(', ')}. See ${name} --help.`;
  if (code !== undefined && OF_OPTIONS.has(code))
    return `Options of ${name}: ${optionsOf(command)}. See ${name} --help.`;
  return `Usage: ${name} ${command.usage()}. See ${name} --help.`;
}

/** A command that is missing behind the words, or one that `help` was asked about and that is not there. */
export function missingCommand(root: Command, words: readonly string[]): ScimError {
  const [first, asked] = words.filter((word) => !word.startsWith('-'));
  if (first === 'help' && asked !== undefined) {
    const reason = `unknown command '${asked}'${didYouMean(asked, commandsOf(root))}`;
    return refuse('CLI_USAGE', { reason, remedy: remedyOf(root, 'commander.help') });
  }
  let command = root;
  for (const word of words) command = command.commands.find((sub) => sub.name() === word) ?? command;
  const reason = `${fullName(command)} needs one of its commands`;
  return refuse('CLI_USAGE', { reason, remedy: remedyOf(command, 'commander.help') });
}

/** The name of a command as it is typed. */
export function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function commandsOf(command: Command): string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((sub) => sub.name())
    .filter((name) => name !== 'help');
}

function optionsOf(command: Command): string {
  const help = command.createHelp();
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)]
    .map(({ flags }) => flags)
    .filter((flags) => !flags.includes('--help'))
    .join(', ');
}
