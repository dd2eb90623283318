import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CATALOGUE } from '../../src/errors.ts';
import { sources } from './sources.ts';

test('every error of the catalogue is raised by somebody', () => {
  const product = sources('src/**/*.ts').filter(({ path }) => !/^src\/errors[./]/.test(path));
  const raised = new Set(product.flatMap(({ text }) => text.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? []));
  assert.deepEqual(
    Object.keys(CATALOGUE).filter((code) => !raised.has(code)),
    [],
  );
});
