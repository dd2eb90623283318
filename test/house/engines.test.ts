import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sources } from './sources.ts';

/** Words of one engine only, and parameters that PostgreSQL can give no type and collation to. */
const ONE_ENGINE =
  /\bjson_(?:each|extract|type|group_array|array|object)\s*\(|\binstr\s*\(|\browid\b|\bPRAGMA\b|\bjsonb_\w+\s*\(|\bunnest\s*\(|\bstrpos\s*\(|^\s*SELECT \$\{\w+\}\s*$/m;

test('words that only one engine knows stand in src/store alone', () => {
  const offenders = sources('src/**/*.ts')
    .filter(({ path, text }) => !path.startsWith('src/store/') && ONE_ENGINE.test(text))
    .map(({ path }) => path);
  assert.deepEqual(offenders, []);
});

test('the rule sees what it forbids', () => {
  for (const wrong of ['FROM json_each(?)', 'instr(a, b) > 0', 'PRAGMA page_count', `      SELECT \${id}\n UNION`])
    assert.match(wrong, ONE_ENGINE);
  for (const right of [`      \${textRows([id])}`, `SELECT \${id}, name FROM x`, 'const strpos = 1'])
    assert.doesNotMatch(right, ONE_ENGINE);
});
