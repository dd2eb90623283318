import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bearer, formatToken, parseToken, withoutTokens } from '../../src/credentials/tokenText.ts';
import { ScimError } from '../../src/errors.ts';

const token = fc.record({ id: fc.uuid(), secret: fc.uint8Array({ minLength: 32, maxLength: 32 }) });
const code = (expected: string) => (error: unknown) => error instanceof ScimError && error.code === expected;
const sample = formatToken({ id: '6f1c2d3e-0000-4000-8000-00000000abcd', secret: new Uint8Array(32).fill(7) });

test('a token survives the trip through an Authorization header', () => {
  fc.assert(
    fc.property(token, fc.constantFrom('Bearer ', 'bearer ', 'BEARER   '), (value, scheme) => {
      const found = parseToken(bearer(scheme + formatToken(value)));
      assert.ok(found !== undefined);
      assert.equal(found.id, value.id);
      assert.deepEqual(Buffer.from(found.secret), Buffer.from(value.secret));
    }),
  );
});

test('a token is one word with a prefix that scanners know', () => {
  fc.assert(fc.property(token, (value) => assert.match(formatToken(value), /^jscim_[0-9a-f]{104}$/)));
});

test('one wrong character is refused without a look into the database', () => {
  fc.assert(
    fc.property(token, fc.nat(109), fc.constantFrom(...'0123456789abcdefg_-XYZ'), (value, at, letter) => {
      const text = formatToken(value);
      fc.pre(text[at] !== letter);
      assert.equal(parseToken(text.slice(0, at) + letter + text.slice(at + 1)), undefined);
    }),
  );
});

test('no header, an empty one and another scheme are no token; anything else is not a valid one', () => {
  for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Basic dXNlcjpwdw==', sample])
    assert.throws(() => bearer(header), code('AUTH_MISSING'), String(header));
  for (const text of ['x', `${sample}x`, `${sample} ${sample}`, `x${sample}`])
    assert.equal(parseToken(bearer(`Bearer ${text}`)), undefined, text);
  assert.throws(() => bearer(`Bearer ${'a'.repeat(1e6)}`), code('AUTH_INVALID'));
});

test('no text makes it throw anything but a refusal', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      try {
        bearer(`Bearer ${text}`);
      } catch (error) {
        assert.ok(error instanceof ScimError);
        assert.ok(text === '' || !error.message.includes('jscim_'));
      }
    }),
  );
});

test('tokens are taken out of text for the log, whole or cut', () => {
  for (const text of [`/x/${sample}/y`, `/x/${sample.slice(0, 30)}`, sample.toUpperCase()])
    assert.doesNotMatch(withoutTokens(text), /6f1c2d3e/i);
  assert.equal(withoutTokens('/scim/v2/Users'), '/scim/v2/Users');
});
