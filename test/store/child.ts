import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

export interface Child {
  readonly process: ChildProcess;
  /** The lines so far. */
  readonly lines: string[];
  /** Resolves when there are so many lines. */
  said(count: number): Promise<void>;
  readonly ended: Promise<unknown>;
}

/** A real process that runs a script of this folder; it ends with the test at the latest. */
export function child(t: Pick<TestContext, 'after'>, script: string, ...args: string[]): Child {
  const process_ = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, script), ...args],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(process_, 'close');
  t.after(async () => {
    process_.kill('SIGKILL');
    await ended;
  });
  const lines: string[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  createInterface({ input: process_.stdout! }).on('line', (line) => {
    lines.push(line);
    for (const { count, resolve } of waiting) if (lines.length >= count) resolve();
  });
  const said = (count: number): Promise<void> =>
    lines.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }));
  return { process: process_, lines, said, ended };
}
