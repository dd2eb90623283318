import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sources } from './sources.ts';

test('no source file is over 400 lines', () => {
  const long = sources('src/**/*.{ts,groovy}').filter((source) => source.text.split('\n').length > 400);
  assert.deepEqual(
    long.map((source) => source.path),
    [],
  );
});

test('no file is a pile', () => {
  const piles = sources('src/**/*.ts').filter((source) =>
    /(^|[/-])(utils?|helpers?|managers?|misc|common)(\.ts|\/|-)/.test(source.path),
  );
  assert.deepEqual(
    piles.map((source) => source.path),
    [],
  );
});

test('nothing is left unfinished in the sources', () => {
  const marks = sources('{src,test,bench,e2e,scripts}/**/*.ts').filter((source) =>
    new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'X'.repeat(3), String.raw`\.on` + String.raw`ly\(`].join('|')).test(
      source.text,
    ),
  );
  assert.deepEqual(
    marks.map((source) => source.path),
    [],
  );
});

test('whoever makes a folder takes it away', () => {
  const makers = sources('{test,bench,e2e,scripts}/**/*.ts').filter(({ text }) => /\bmkdtempSync\(/.test(text));
  const litter = makers.filter(({ text }) => !/\brmSync\(/.test(text));
  assert.deepEqual(
    litter.map((source) => source.path),
    [],
  );
});
