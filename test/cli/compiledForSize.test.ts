import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const bin = readFileSync(fileURLToPath(new URL('../../bin/jenkins-scim.js', import.meta.url)), 'utf8');
const flag = new URL('../../src/cli/compiledForSize.ts', import.meta.url).href;
/** What is alive makes the young generation grow; what comes then is garbage. */
const LOAD = `const alive = [];
for (let n = 0; n < 200_000; n++) alive.push({ n, more: [n] });
console.log('begin');
for (let n = 0; n < 1_500_000; n++) globalThis.last = { n, more: [n] };
if (alive.length === 0) throw new Error();`;

test('what requests leave behind is collected several megabytes at a time', () => {
  const flags = /const flags = \[([^\]]+)\]/.exec(bin)![1]!.match(/--[^']+/g)!;
  const text = execFileSync(process.execPath, [...flags, '--trace-gc', `--import=${flag}`, '--eval', LOAD], {
    encoding: 'utf8',
  });
  const lines = [...text.slice(text.indexOf('begin')).matchAll(/Scavenge ([\d.]+) \([\d.]+\) -> ([\d.]+)/g)];
  const freed = Math.max(...lines.map(([, before, after]) => Number(before) - Number(after)));
  assert.ok(freed > 2, `${freed} MB`);
});
