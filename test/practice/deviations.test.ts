import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DEVIATIONS } from './deviations.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const replays = globSync('replay-*.test.ts', { cwd: folder }).map((name) => readFileSync(`${folder}/${name}`, 'utf8'));

test('each deviation is argued, and a replay needs it', () => {
  for (const [name, { what, why }] of Object.entries(DEVIATIONS)) {
    assert.ok(what.length > 20 && why.length > 20, name);
    assert.ok(
      replays.some((text) => text.includes(name)),
      `${name} is needed by no replay`,
    );
  }
});

test('the list is short', () => {
  assert.ok(Object.keys(DEVIATIONS).length <= 8);
});
