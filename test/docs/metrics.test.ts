import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, sources } from '../house/sources.ts';

test('every metric is on the page about running the service, and no other', () => {
  const page = readFileSync(join(root, 'docs/run.md'), 'utf8');
  const documented = [...page.matchAll(/^\| (`jenkins_scim_[^|]+) *\|[^|]+\|$/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
  );
  const told = sources('src/**/*.ts').flatMap(({ text }) =>
    [...text.matchAll(/'(jenkins_scim_\w+)'/g)].map(([, name]) => name!),
  );
  assert.ok(told.length > 10);
  assert.deepEqual([...new Set(documented)].sort(), [...new Set(told)].sort());
});

test('what any page says of a metric is said of one that is there', () => {
  const told = new Set(
    sources('src/**/*.ts').flatMap(({ text }) => [...text.matchAll(/'(jenkins_scim_\w+)'/g)].map(([, name]) => name!)),
  );
  const named = sources('docs/**/*.md').flatMap(({ path, text }) =>
    [...text.matchAll(/\bjenkins_scim_\w+/g)].map(([name]) => ({
      path,
      name: name.replace(/_(bucket|sum|count)$/, ''),
    })),
  );
  assert.ok(named.length > 20);
  assert.deepEqual(
    named.filter(({ name }) => !told.has(name)),
    [],
  );
});
