// Compiles src/ to dist/ and copies what is no TypeScript: the scripts that Jenkins runs. Beside them their SHA-256, as `sha256sum` writes
// it, and what the package is made of (CycloneDX).
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { published } from '../src/jenkins/scripts/catalogue.ts';

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
const sums = published().map(({ name, sha256 }) => `${sha256}  ${name}\n`);
writeFileSync(join('dist', 'scripts.sha256'), sums.join(''));

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const listed = spawnSync(npm, ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
  shell: process.platform === 'win32',
});
if (listed.status !== 0) process.exit(listed.status ?? 1);
const bill = JSON.parse(listed.stdout) as { metadata: { component: { name: string } }; components: unknown[] };
// npm names it after the folder of the checkout.
bill.metadata.component.name = (JSON.parse(readFileSync('package.json', 'utf8')) as { name: string }).name;
writeFileSync(join('dist', 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
process.stdout.write(
  `dist/ is built, with ${scripts.length} files of scripts for Jenkins and a bill of ${bill.components.length} materials.\n`,
);
