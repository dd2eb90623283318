import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readLetter, writeLetter } from '../../src/jenkins/envelope.ts';

const sentinel = '0123456789abcdef0123456789abcdef';
const anyText = fc.string({ unit: 'binary' });

test('any value survives the envelope', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), anyText, (value, text) => {
      const parameters = JSON.stringify(value);
      assert.deepEqual(readLetter(writeLetter({ parameters, sentinel, text })), { parameters, sentinel, text });
    }),
  );
});

test('whatever the value is, the first line holds nothing but Base64 between quotes', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      const letter = writeLetter({ parameters: JSON.stringify(value), sentinel, text: 'return null' });
      const [first, second, third, ...more] = letter.split('\n');
      assert.match(first!, /^def PARAMETERS = \['[A-Za-z0-9+/=]*'\]\.join\(''\)$/);
      assert.equal(second, `def SENTINEL = '${sentinel}'`);
      assert.deepEqual([third, ...more], ['return null']);
    }),
  );
});

test('a long value is cut into literals that Java accepts', () => {
  const parameters = JSON.stringify('x'.repeat(500_000));
  const letter = writeLetter({ parameters, sentinel, text: '' });
  const literals = letter.split('\n')[0]!.match(/'[A-Za-z0-9+/=]*'/g)!;
  assert.ok(literals.length > 10);
  assert.ok(literals.every((literal) => literal.length <= 60_002));
  assert.equal(readLetter(letter)!.parameters, parameters);
});

test('an empty value has no literal and comes back', () => {
  assert.deepEqual(readLetter(writeLetter({ parameters: '', sentinel, text: 'x' })), {
    parameters: '',
    sentinel,
    text: 'x',
  });
});

test('a sentinel that is not 32 hex digits is a bug', () => {
  for (const wrong of ['', 'abc', `${sentinel}0`, sentinel.toUpperCase(), `${sentinel.slice(1)}'`])
    assert.throws(() => writeLetter({ parameters: '{}', sentinel: wrong, text: '' }), /sentinel/);
});

test('a script that is none of ours is not taken for one', () => {
  const ours = writeLetter({ parameters: '{}', sentinel, text: 'x' });
  for (const foreign of [
    '',
    'println 1',
    'println 1\nprintln 2\nprintln 3',
    ours.replace('PARAMETERS', 'PARAMETER'),
    ours.replace("['", "[ '"),
    ours.replace(".join('')", '.join(evil())'),
    ours.replace('def SENTINEL', 'def  SENTINEL'),
    ` ${ours}`,
  ])
    assert.equal(readLetter(foreign), undefined, foreign);
});
