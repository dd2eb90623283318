import { type Command, CommanderError } from 'commander';
import { reasonOfCode, systemReason, whyNotWritten } from '../errors/systemReason.ts';
import { refuse, ScimError } from '../errors.ts';
import type { ExitCode } from './outcome.ts';
import { printable } from './printable.ts';
import { remedyOf } from './words.ts';

/** An error as scripts read it. */
interface FailureDocument {
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

/**
 * Code, message and remedy; a bug is shown as one, with its stack only when asked by `debug`. A wrong way to call `command` is told with
 * the right one.
 */
export function describe(error: unknown, debug: boolean, command?: Command): { json: FailureDocument; text: string } {
  const refusal = error instanceof ScimError ? error : systemRefusal(error);
  if (refusal !== undefined) return document(refusal.code, refusal.message, remedyFor(refusal, command));
  const stack = error instanceof Error ? (debug ? (error.stack ?? error.message) : error.message) : String(error);
  return document('BUG', stack, 'This is a bug of jenkins-scim: report it with JENKINS_SCIM_LOG=debug set.');
}

function remedyFor({ code, remedy, details }: ScimError, command: Command | undefined): string {
  if (code !== 'CLI_USAGE') return remedy;
  if (typeof details.remedy === 'string') return details.remedy;
  return command === undefined ? remedy : remedyOf(command);
}

/** Where a connection was to go, or to come from. */
interface Where {
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

/** What the operating system refused, told as a refusal: a file that cannot be read or written, an address in use. */
function systemRefusal(error: unknown): ScimError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall, path, address, port, hostname } = error as NodeJS.ErrnoException & Where;
  if (code === undefined || syscall === undefined) return undefined;
  const reason = reasonOfCode(code);
  if (syscall === 'listen') return refuse('CLI_NETWORK', { address: `${address ?? ''}:${port ?? ''}`, reason }, error);
  if (syscall === 'getaddrinfo') return refuse('CLI_NETWORK', { address: hostname ?? '', reason }, error);
  return path === undefined ? undefined : refuse('CLI_FILE', { path, reason }, error);
}

/** A file that was named and cannot be read: a wrong way to call a command. */
export function unreadable(path: string, error: unknown): ScimError {
  return usage(`${path} cannot be read: ${systemReason(error) ?? String(error)}`);
}

/** A file, or what stands for one, that could not be written. */
export function unwritten(path: string, error: unknown): ScimError {
  return refuse('CLI_FILE', { path, reason: whyNotWritten(error) }, error);
}

const LONGEST = 2_000;

function document(code: string, said: string, remedy: string): { json: FailureDocument; text: string } {
  const message = said.length <= LONGEST ? said : `${said.slice(0, LONGEST)}… (${said.length} characters)`;
  return { json: { error: { code, message, remedy } }, text: printable(`${code}: ${message}\nRemedy: ${remedy}\n`) };
}
