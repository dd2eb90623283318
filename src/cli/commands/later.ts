import type { Command } from 'commander';
import { usage } from '../failure.ts';
import { action, commandOf, type Host } from '../invocation.ts';
import { fullName } from '../words.ts';

/** A command of a later version: refused by name, with what to do until then. */
export function laterCommand(
  parent: Command,
  name: string,
  host: Host,
  instead: { example: string; text: string },
): void {
  commandOf(parent, name, 'not in this version', instead.example)
    .argument('[words...]')
    .allowUnknownOption()
    .action(
      action(host, () => Promise.reject(usage(`${fullName(parent)} ${name} is not in this version: ${instead.text}`))),
    );
}
