import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imports, type Source, sources } from './sources.ts';

/** The files that import themselves over others, types included: the shortest way from each of them back to it. */
function circles(files: readonly Source[]): string[] {
  const targets = new Map(files.map((source) => [source.path, imports(source)]));
  return [...targets.keys()].flatMap((path) => wayBack(path, targets) ?? []);
}

function wayBack(start: string, targets: ReadonlyMap<string, readonly string[]>): string | undefined {
  const from = new Map<string, string>();
  const queue = [start];
  for (const path of queue)
    for (const next of targets.get(path) ?? []) {
      if (next === start) return way(path, from, start);
      if (from.has(next) || !targets.has(next)) continue;
      from.set(next, path);
      queue.push(next);
    }
  return undefined;
}

/** Backwards from the last one before the start. */
function way(last: string, from: ReadonlyMap<string, string>, start: string): string {
  const steps = [start];
  for (let at: string | undefined = last; at !== undefined && at !== start; at = from.get(at)) steps.push(at);
  return [start, ...steps.slice(1).toReversed(), start].join(' -> ');
}

test('no file imports itself over others', () => {
  assert.deepEqual(circles(sources('{src,test,bench,e2e,scripts}/**/*.ts')), []);
});

test('a circle of types is caught, with the way it takes', () => {
  const files = [
    { path: 'src/a.ts', text: "import { b } from './b.ts';" },
    { path: 'src/b.ts', text: "import type { C } from './c.ts';" },
    { path: 'src/c.ts', text: "import type { A } from './a.ts';" },
    { path: 'src/d.ts', text: "import { a } from './a.ts';" },
  ];
  const found = circles(files);
  assert.equal(found.length, 3);
  assert.equal(found[0], 'src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts');
});
