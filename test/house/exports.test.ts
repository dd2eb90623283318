import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imports, type Source, sources } from './sources.ts';

const EXPORT =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) +([A-Za-z_$][\w$]*)/gm;

/** What is exported and where; a name that only its own file uses is no export, whatever it says. */
interface Exported {
  readonly path: string;
  readonly name: string;
  /** How often the name stands in its own file, its definition included. */
  readonly own: number;
  /** Files that import the file and know the name. */
  readonly users: readonly string[];
}

function exportsOf(files: readonly Source[]): Exported[] {
  const importers = new Map<string, Source[]>();
  for (const file of files)
    for (const path of imports(file)) importers.set(path, [...(importers.get(path) ?? []), file]);
  return files
    .filter(({ path }) => path.startsWith('src/'))
    .flatMap((file) =>
      [...file.text.matchAll(EXPORT)].map(([, name]): Exported => {
        const word = new RegExp(`\\b${name!.replaceAll('$', '\\$')}\\b`, 'g');
        const users = (importers.get(file.path) ?? []).filter(({ text }) => text.search(word) !== -1);
        return {
          path: file.path,
          name: name!,
          own: [...file.text.matchAll(word)].length,
          users: users.map(({ path }) => path),
        };
      }),
    );
}

const all = exportsOf(sources('{src,test,bench,e2e,scripts,bin}/**/*.{ts,js}'));

test('what is exported is imported by somebody', () => {
  const idle = all.filter(({ users }) => users.length === 0).map(({ path, name }) => `${name} of ${path}`);
  assert.deepEqual(idle, []);
});

/** Names that tests alone use: what the product does in steps, in one go, and lists of what there is. */
const FOR_TESTS = [
  'CODES of src/doctor/diagnose.ts',
  'SCHEMAS of src/scim/schemas/catalogue.ts',
  'makePlan of src/plan/planner.ts',
];

test('no rule lives for its tests alone: what the product does is what is tested', () => {
  const tested = all.filter(({ own, users }) => own === 1 && users.every((path) => /^(test|bench|e2e)\//.test(path)));
  assert.deepEqual(tested.map(({ path, name }) => `${name} of ${path}`).sort(), FOR_TESTS);
});

test('the rule sees an export that nobody imports', () => {
  const one = { path: 'src/a/one.ts', text: 'export const used = 1;\nexport function idle() {}\n' };
  const two = { path: 'src/a/two.ts', text: "import { used } from './one.ts';\nused();\n" };
  assert.deepEqual(
    exportsOf([one, two]).map(({ name, users }) => [name, users.length]),
    [
      ['used', 1],
      ['idle', 0],
    ],
  );
});
