import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './sources.ts';

/** What a process has loaded that loaded the server and nothing else. */
function loaded(): { readonly builtin: readonly string[]; readonly files: readonly string[] } {
  const script = `
    const { createServer } = await import(${JSON.stringify(join(root, 'src/server/app.ts'))});
    const base = { server: {}, limits: { body: 1 }, connections: new Set(), random: { id: () => '' }, log: {}, clock: {} };
    const meter = { pushed() {}, refused() {}, limited() {} };
    createServer({ ...base, credentials: {}, ready: async () => true, meter, scim: () => async () => {} });
    const { createRequire } = await import('node:module');
    const files = Object.keys(createRequire(import.meta.url).cache);
    console.log(JSON.stringify({ builtin: process.moduleLoadList, files }));`;
  const words = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  return JSON.parse(execFileSync(process.execPath, words, { cwd: root, encoding: 'utf8' }));
}

test('the server loads neither Node’s own undici, as an import of node:http would, nor compilers of JSON schemas: megabytes at rest', () => {
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
  assert.deepEqual(
    files.filter((path) => /ajv-compiler|fast-json-stringify-compiler|\/ajv\/dist\/ajv/.test(path)),
    [],
  );
});
