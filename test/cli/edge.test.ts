import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemAccount, systemRandom } from '../../src/cli/edge.ts';

test('random bytes are as many as were asked for, other ones each time, and belong to whoever got them', () => {
  const seen = new Map<string, Uint8Array>();
  const sizes = [1, 8, 16, 24, 32, 64, 65, 4_096, 10_000];
  for (let round = 0; round < 600; round++) {
    const length = sizes[round % sizes.length]!;
    const bytes = systemRandom.bytes(length);
    assert.equal(bytes.length, length);
    if (length >= 16) seen.set(Buffer.from(bytes).toString('hex'), bytes);
  }
  assert.equal(
    seen.size,
    sizes.reduce((sum, size, at) => sum + (size >= 16 ? Math.ceil((600 - at) / sizes.length) : 0), 0),
  );
  for (const [text, bytes] of seen) {
    assert.equal(Buffer.from(bytes).toString('hex'), text, 'what was given stays as it is');
    assert.ok(bytes.some((byte) => byte !== 0));
  }
  assert.equal(systemRandom.bytes(0).length, 0);
});

test('random bytes that were given away share no memory with those that come', () => {
  const one = systemRandom.bytes(16);
  const other = systemRandom.bytes(16);
  assert.notEqual(one.buffer, other.buffer);
  assert.equal(one.buffer.byteLength, 16);
});

test('an account is the one that called sudo, else its name, else its number', () => {
  assert.equal(systemAccount({ SUDO_USER: 'ana' }), 'ana');
  assert.equal(
    systemAccount({ SUDO_USER: '' }, () => ({ username: 'bo' })),
    'bo',
  );
  const nameless = (): never => {
    throw new Error('ENOENT: no such file or directory, uv_os_get_passwd');
  };
  assert.equal(systemAccount({}, nameless), `uid-${process.getuid!()}`);
  assert.equal(systemAccount({ USER: 'cy' }, nameless), 'cy');
});
