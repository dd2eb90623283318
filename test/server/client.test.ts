import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { address } from '../../src/server/client.ts';

test('an address is taken as it is, with the port of a proxy left out', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV6(), fc.nat(65_535), (four, six, port) => {
      assert.equal(address(four), four);
      assert.equal(address(six), six);
      assert.equal(address(`${four}:${port}`), four);
      assert.equal(address(`[${six}]:${port}`), six);
      assert.equal(address(`[${six}]`), six);
    }),
  );
});

test('anything else is one client, whatever it says', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!/[:.]/.test(text));
      assert.equal(address(text), 'unknown');
    }),
  );
  for (const text of ['', '1.2.3', '999.1.1.1:80', '[zz]:1', 'a'.repeat(100_000), '1.2.3.4:5:6'])
    assert.equal(address(text), 'unknown');
});
