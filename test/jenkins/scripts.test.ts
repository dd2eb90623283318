import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { published, SCRIPTS } from '../../src/jenkins/scripts/catalogue.ts';
import { sources } from '../house/sources.ts';

const files = sources('src/jenkins/**/*.groovy');

test('every script is published with a hash of its own, of its text', () => {
  const scripts = published();
  assert.deepEqual(
    scripts.map(({ name }) => name),
    Object.keys(SCRIPTS),
  );
  assert.equal(new Set(scripts.map(({ sha256 }) => sha256)).size, scripts.length);
  for (const { name, sha256, text, purpose } of scripts) {
    assert.equal(text, SCRIPTS[name].text);
    assert.equal(createHash('sha256').update(text).digest('hex'), sha256);
    assert.notEqual(purpose, '');
  }
});

test('what is said only to read saves nothing', () => {
  for (const { name, text, purpose } of published())
    assert.equal(
      /\.save\(\)|persistStrategy|\.revoke|\.delete/.test(text.replace(/\/\/.*$/gm, '')),
      !purpose.startsWith('reads'),
      name,
    );
});

test('every Groovy file is part of a script', () => {
  for (const file of files) {
    const text = readFileSync(file.path, 'utf8');
    assert.ok(
      Object.values(SCRIPTS).some((script) => script.text.includes(text)),
      file.path,
    );
  }
});

/** What stands in memory for a record that was just deleted; nothing saves it. */
const STANDS_IN = /\n *user\.delete\(\)\n\s*hudson\.model\.User\.getById\(person\.id, true\)\n/;

test('scripts never look people up by name, never create one but for what they deleted, never evaluate data', () => {
  const bare = files.map(({ path, text }) => ({ path, code: text.replace(/\/\/.*$/gm, '') }));
  assert.deepEqual(
    bare.filter(({ code }) => STANDS_IN.test(code)).map(({ path }) => basename(path)),
    ['cut.groovy'],
  );
  for (const { path, code: whole } of bare) {
    const code = whole.replace(STANDS_IN, '\n');
    for (const wrong of [
      /User\.get\(/,
      /getById\([^)]*true\)/,
      /User\.current/,
      /createAccount/,
      /impersonate/,
      /loadUserByUsername/,
      /\.evaluate\(/,
      /GroovyShell/,
      /\.execute\(\)/,
      /Eval\./,
    ])
      assert.doesNotMatch(code, wrong, path);
  }
});

test('texts are ASCII, without interpolation, and end with no value', () => {
  for (const script of Object.values(SCRIPTS)) {
    assert.match(script.text, /^[\n\x20-\x7e]*$/, script.name);
    assert.doesNotMatch(script.text, /"[^"\n]*\$\{/, script.name);
    assert.match(script.text, /\nreturn null\n$/, script.name);
    assert.ok(script.text.length < 40_000, script.name);
  }
});
