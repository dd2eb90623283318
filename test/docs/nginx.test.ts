import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const DOCS = new URL('../../docs/', import.meta.url);

test('what the docs give to nginx has expressions that nginx reads: quoted where `;`, `{` or `}` stands in them', () => {
  let seen = 0;
  for (const file of readdirSync(DOCS).filter((name) => name.endsWith('.md'))) {
    const text = readFileSync(new URL(file, DOCS), 'utf8');
    for (const [, block] of text.matchAll(/```nginx\n([\s\S]*?)```/g))
      for (const [line, expression] of block!.matchAll(/location ~\*? (\S.*?) \{$/gm)) {
        seen++;
        assert.ok(/^".*"$/.test(expression!) || !/[;{}]/.test(expression!), `${file}: ${line}`);
      }
  }
  assert.ok(seen >= 2);
});
