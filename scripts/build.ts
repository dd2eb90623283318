// Compiles src/ to dist/ and copies what is no TypeScript: the scripts that Jenkins runs.
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';

rmSync('dist', { recursive: true, force: true });
const compiled = spawnSync(
  process.execPath,
  [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
  {
    stdio: 'inherit',
  },
);
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
const scripts = globSync('**/*.groovy', { cwd: 'src' });
for (const script of scripts) cpSync(join('src', script), join('dist', script));
process.stdout.write(`dist/ is built, with ${scripts.length} scripts for Jenkins.\n`);
