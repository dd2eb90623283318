import { CommanderError } from 'commander';
import { refuse, ScimError } from '../errors.ts';
import type { ExitCode } from './outcome.ts';
import { printable } from './printable.ts';

/** An error as scripts read it. */
export interface FailureDocument {
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string };
}

/** A wrong way to call a command: exit 64. */
export function usage(reason: string): ScimError {
  return refuse('CLI_USAGE', { reason });
}

export function exitOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
  return error instanceof ScimError && error.code === 'CLI_USAGE' ? 64 : 1;
}

/** Code, message and remedy; a bug is shown as one, with its stack only when asked by `debug`. */
export function describe(error: unknown, debug: boolean): { json: FailureDocument; text: string } {
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '');
    return document('CLI_USAGE', message, 'See --help.');
  }
  if (error instanceof ScimError) return document(error.code, error.message, error.remedy);
  const stack = error instanceof Error ? (debug ? (error.stack ?? error.message) : error.message) : String(error);
  return document('BUG', stack, 'This is a bug of jenkins-scim: report it with JENKINS_SCIM_LOG=debug set.');
}

function document(code: string, message: string, remedy: string): { json: FailureDocument; text: string } {
  return { json: { error: { code, message, remedy } }, text: printable(`${code}: ${message}\nRemedy: ${remedy}\n`) };
}
