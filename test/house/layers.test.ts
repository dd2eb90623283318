import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imports, type Source, sources } from './sources.ts';

// The list of architecture.md: a folder imports from itself and from the rows above it, never from one below or beside it.
const LAYERS: readonly (readonly string[])[] = [
  ['src/errors'],
  ['src/errors.ts'],
  ['src/access', 'src/config'],
  ['src/scim', 'src/store'],
  ['src/policy', 'src/plan'],
  ['src/directory', 'src/jenkins', 'src/ledger', 'src/credentials'],
  ['src/sources', 'src/sync'],
  ['src/gateway', 'src/doctor'],
  ['src/server', 'src/practice'],
  ['src/cli'],
];

function place(path: string): { layer: number; folder: string } | undefined {
  for (const [layer, folders] of LAYERS.entries()) {
    const folder = folders.find((name) => path === `${name}.ts` || path.startsWith(`${name}/`));
    if (folder !== undefined) return { layer, folder };
  }
  return undefined;
}

/** The imports of a source that break the list, each as a sentence. */
function violations(source: Source): string[] {
  const from = place(source.path);
  if (from === undefined) return [`${source.path} is in no layer`];
  return imports(source).flatMap((path) => {
    const to = place(path);
    if (to === undefined) return [`${source.path} imports ${path}, which is in no layer`];
    const allowed = to.folder === from.folder || to.layer < from.layer;
    return allowed ? [] : [`${source.path} (layer ${from.layer}) imports ${path} (layer ${to.layer})`];
  });
}

test('imports point one way through the layers', () => {
  assert.deepEqual(sources('src/**/*.ts').flatMap(violations), []);
});

test('an import from below or beside is caught', () => {
  const wrong = { path: 'src/policy/x.ts', text: "import { a } from '../plan/step.ts';\nimport('../cli/main.ts');" };
  assert.equal(violations(wrong).length, 2);
});
