import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable, printableLine } from '../../src/access/printable.ts';

test('what a terminal obeys or does not show is shown as escapes; what can be seen is left as it is', () => {
  const seen = 'Ana Ñandú ß Ω 王 ひ 한 😀 a b';
  assert.equal(printable(`${seen}\n`), `${seen}\n`);
  assert.equal(printableLine('a\nb\tc'), 'a\\nb\\u0009c');
  assert.equal(printable('\u001b[2J\u009b2J\u007f'), '\\u001b[2J\\u009b2J\\u007f');
  // Soft hyphen, joiners, fillers, bidirectional controls, variation selectors, tags: two names would look alike.
  for (const unit of ['00ad', '034f', '115f', '180e', '200b', '202e', '2028', '2066', '3164', 'fe0f', 'feff', 'ffa0'])
    assert.equal(printable(`admin${String.fromCharCode(Number.parseInt(unit, 16))}`), `admin\\u${unit}`);
  assert.equal(printable('admin\u{e0041}'), 'admin\\udb40\\udc41');
});
