import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isOperatorName, operatorCalled } from '../../src/access/operator.ts';

test('an operator is called by the account, and by a name that was said beside it', () => {
  assert.equal(operatorCalled('ana'), 'operator:ana');
  assert.equal(operatorCalled('root', 'ana'), 'operator:ana (root)');
  assert.equal(operatorCalled('ana', 'ana'), 'operator:ana');
  assert.equal(operatorCalled('', 'ana'), 'operator:ana');
  assert.equal(operatorCalled(''), 'operator');
  assert.equal(operatorCalled('CORP\\ana'), 'operator:CORP\\ana');
});

test('names are letters and digits of any script and a few signs', () => {
  for (const right of ['ana', 'ana@corp.test', 'CORP\\ana', 'a-b_c.d+e', '安娜', 'ö']) assert.ok(isOperatorName(right));
  for (const wrong of ['', 'a b', 'a (root)', 'a\n', 'a\u001b[2J', 'a:b', '"', 'x'.repeat(65), '\u202ea'])
    assert.ok(!isOperatorName(wrong), JSON.stringify(wrong));
});

test('whatever an account is called, the actor is one word, and a said name never passes for the account', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 100, size: 'max' }),
      fc.string({ unit: 'grapheme', maxLength: 70 }),
      (account, by) => {
        const own = operatorCalled(account);
        assert.match(own, /^operator(:[\p{L}\p{N}._@+\\-]{1,64})?$/u);
        if (!isOperatorName(by)) return;
        const said = operatorCalled(account, by);
        assert.ok(said.startsWith(`operator:${by}`));
        const known = own.slice('operator:'.length);
        assert.equal(said === own, known === by, 'only who is the account looks like it');
        if (known !== '' && known !== by) assert.ok(said.endsWith(` (${known})`));
      },
    ),
  );
});
