import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { network, Throttle } from '../../src/server/throttle.ts';

test('an address may fail so often, then waits for the rest of the window', () => {
  const throttle = new Throttle({ failures: 3, window: 60_000, addresses: 10 });
  for (let n = 0; n < 3; n++) assert.equal(throttle.failed('192.0.2.1', 1000), undefined);
  assert.equal(throttle.failed('192.0.2.1', 31_000), 30);
  assert.equal(throttle.failed('192.0.2.1', 60_999), 1);
  assert.equal(throttle.failed('192.0.2.1', 61_000), undefined, 'a new window');
});

test('another address is not concerned', () => {
  const throttle = new Throttle({ failures: 1, window: 60_000, addresses: 10 });
  throttle.failed('192.0.2.1', 0);
  assert.equal(throttle.failed('192.0.2.1', 0), 60);
  assert.equal(throttle.failed('192.0.2.2', 0), undefined);
});

test('of too many addresses the one whose window began first is forgotten', () => {
  const throttle = new Throttle({ failures: 1, window: 60_000, addresses: 2 });
  throttle.failed('192.0.2.1', 0);
  throttle.failed('192.0.2.2', 1_000);
  throttle.failed('192.0.2.1', 60_000);
  throttle.failed('192.0.2.3', 60_000);
  assert.equal(throttle.failed('192.0.2.1', 60_000), 60);
  assert.equal(throttle.failed('192.0.2.3', 60_000), 60);
});

test('memory is bounded whatever addresses come', () => {
  const throttle = new Throttle({ failures: 1, window: 60_000, addresses: 100 });
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 5000 })), (address) => {
      throttle.failed(address, 0);
      assert.ok(throttle.size <= 100);
    }),
    { numRuns: 500 },
  );
});

test('IPv6 counts by /64, whatever its spelling; IPv4 in IPv6 counts as IPv4', () => {
  const same = ['2001:db8::1', '2001:db8:0:0::2', '2001:0db8:0000:0000:ffff:ffff:ffff:ffff', '2001:DB8::5%eth0'];
  assert.equal(new Set(same.map(network)).size, 1);
  assert.notEqual(network('2001:db8:0:1::1'), network('2001:db8::1'));
  for (const spelled of ['::ffff:192.0.2.1', '::FFFF:192.0.2.1', '::ffff:192.0.2.1%eth0'])
    assert.equal(network(spelled), '192.0.2.1');
  assert.equal(network('::1'), network('::2'));
});
