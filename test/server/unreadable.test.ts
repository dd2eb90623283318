import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { unreadable } from '../../src/server/unreadable.ts';

function answerTo(code: string, options: { readonly destroyed?: boolean } = {}) {
  const written: string[] = [];
  let destroyed = 0;
  const socket = Object.assign(Object.create(Socket.prototype) as Socket, {
    write: (text: string) => written.push(text) > 0,
    destroy: () => {
      destroyed += 1;
    },
  });
  Object.defineProperty(socket, 'writable', { value: true });
  Object.defineProperty(socket, 'destroyed', { value: options.destroyed === true });
  unreadable({ name: 'Error', message: code, code }, socket);
  return { written: written.join(''), destroyed };
}

test('what never became a request is told what is wrong with it, and its connection is closed', () => {
  for (const [code, status] of [
    ['ERR_HTTP_REQUEST_TIMEOUT', 408],
    ['HPE_HEADER_OVERFLOW', 431],
    ['HPE_INVALID_URL', 400],
    ['HPE_INVALID_METHOD', 400],
  ] as const) {
    const { written, destroyed } = answerTo(code);
    assert.match(written, new RegExp(`^HTTP/1\\.1 ${status} .*"status":"${status}"`, 's'), code);
    assert.equal(destroyed, 1, code);
  }
});

test('who is gone is told nothing', () => {
  assert.equal(answerTo('ECONNRESET').written, '');
  assert.equal(answerTo('HPE_INVALID_URL', { destroyed: true }).written, '');
});
