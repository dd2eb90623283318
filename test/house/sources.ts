import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Source {
  /** Path relative to the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** All files of a folder that match, in a stable order. */
export function sources(pattern: string): Source[] {
  return globSync(pattern, { cwd: root })
    .sort()
    .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(root, path), 'utf8') }));
}

/** The relative imports of a source, as paths relative to the repository. */
export function imports(source: Source): string[] {
  const found = source.text.matchAll(/(?:from\s+|import\s*\(?\s*)['"](\.[^'"]+)['"]/g);
  return [...found].map((match) => relative(root, join(root, dirname(source.path), match[1]!)).replaceAll('\\', '/'));
}
