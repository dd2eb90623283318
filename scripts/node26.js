// Runs a TypeScript script under the pinned Node.js, so that `npm test` works whatever Node.js runs npm.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRuntime, noRuntime, runsHere } from '../bin/runtime.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const runtime = findRuntime(root) ?? (runsHere() ? process.execPath : undefined);
if (runtime === undefined) {
  process.stderr.write(noRuntime(root));
  process.exit(1);
}
const child = spawn(runtime, ['--disable-warning=ExperimentalWarning', ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: root,
});
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 143)));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal));
