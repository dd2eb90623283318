import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './sources.ts';

/** What a process has loaded that loaded the server and nothing else. */
function loaded(): { readonly builtin: readonly string[]; readonly files: readonly string[] } {
  const script = `
    await import(${JSON.stringify(join(root, 'src/server/app.ts'))});
    const { createRequire } = await import('node:module');
    const files = Object.keys(createRequire(import.meta.url).cache);
    console.log(JSON.stringify({ builtin: process.moduleLoadList, files }));`;
  const words = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  return JSON.parse(execFileSync(process.execPath, words, { cwd: root, encoding: 'utf8' }));
}

test('Node’s own undici is not loaded for the server: an import of node:http would, and it is megabytes at rest', () => {
  const { builtin, files } = loaded();
  assert.ok(builtin.includes('NativeModule http'), 'looks at what Node has loaded');
  assert.ok(
    files.some((path) => path.includes('/fastify/')),
    'looks at what Fastify is',
  );
  assert.deepEqual(
    builtin.filter((name) => name.includes('deps/undici')),
    [],
  );
});
