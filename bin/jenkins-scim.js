#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRuntime, noRuntime, runsHere } from './runtime.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src', 'cli', 'main.ts');
// A clone runs its sources, so that no build step stands between an edit and a try; a published package has only dist/.
const entry = existsSync(source) ? source : join(root, 'dist', 'cli', 'main.js');
const runtime = runsHere() ? process.execPath : findRuntime(root);

if (runtime === undefined) {
  process.stderr.write(noRuntime(root));
  process.exit(1);
}

// Small at rest: the heap grows by a third at most between two collections, whatever the load (docs/performance.md), and code is
// compiled for size until `serve` is ready (src/cli/compiledForSize.ts). What a few hundred requests leave behind is collected together.
const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4', '--heap-growing-percent=30'];
const words = [...flags, entry, ...process.argv.slice(2)];
process.env.MALLOC_ARENA_MAX ??= '1';
// What was freed after the start goes back to the system: glibc would raise both with the first large block that is freed.
process.env.MALLOC_TRIM_THRESHOLD_ ??= '131072';
process.env.MALLOC_MMAP_THRESHOLD_ ??= '131072';
// What was compiled once is kept beside the code, so that a command answers in a third of a second; ignored where it is read-only.
process.env.NODE_COMPILE_CACHE ??= join(root, '.cache', 'compile');

// In the place of this process where that can be: then whoever ends it ends the service, with any signal.
if (typeof process.execve === 'function' && process.platform !== 'win32')
  process.execve(runtime, [runtime, ...words], process.env);

// Otherwise beside it; the channel tells the service that this process is gone, even by a signal nobody can catch.
const child = spawn(runtime, words, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
// A terminal sends Ctrl-C to the whole group already; a supervisor signals only this process.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('error', (error) => {
  process.stderr.write(`jenkins-scim could not start ${runtime}: ${error.message}\n`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)));
