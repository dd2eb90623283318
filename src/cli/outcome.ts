import { printable } from './printable.ts';

/** 0 fine, 1 error, 2 there is something to do, 64 usage (interfaces.md). */
export type ExitCode = 0 | 1 | 2 | 64;

/** What a command has to say: one JSON document for scripts, or text for people. */
export interface Outcome {
  readonly exit: ExitCode;
  readonly json: unknown;
  /** Ends with a line end; empty where there is nothing to say. */
  readonly text: string;
}

/** An outcome without anything left to do. */
export function fine(json: unknown, text: string): Outcome {
  return { exit: 0, json, text: printable(text) };
}

/** An outcome with an exit code of its own. */
export function outcome(exit: ExitCode, json: unknown, text: string): Outcome {
  return { exit, json, text: printable(text) };
}
