import { spawn } from 'node:child_process';

/** How a process ended and what it wrote. */
export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

/** Runs a program while this process goes on answering requests; it is ended after `limit` milliseconds. */
export function run(
  command: string,
  words: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string; readonly limit?: number } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      timeout: options.limit ?? 300_000,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    let out = '';
    let error = '';
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      error += String(chunk);
    });
    child.once('error', (problem) => resolve({ status: 127, out, error: String(problem) }));
    child.once('close', (code) => resolve({ status: code ?? 143, out, error }));
  });
}

/** The end of a long text. */
export function tail(text: string, lines = 12): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
