import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Http, HttpFailure } from '../../src/access/ports/http.ts';
import { countedHttp } from '../../src/jenkins/countedHttp.ts';

const REQUEST = { method: 'GET', url: 'http://127.0.0.1/', headers: {}, timeout: 1, limit: 1 } as const;

function counting(send: Http['send']) {
  const told: string[] = [];
  const count = {
    begin: async () => void told.push('begin'),
    end: (used: boolean) => void told.push(used ? 'used' : 'unused'),
  };
  const http = countedHttp({ send, close: async () => void told.push('closed') }, count);
  return { http, told };
}

const answering = (status: number) => async () => ({ status, headers: {}, body: '' });
const failing = (sent: boolean) => async () => {
  throw new HttpFailure('timeout', sent, 'late');
};

for (const [what, send, told] of [
  ['an answer', answering(200), 'used'],
  ['a refusal', answering(403), 'used'],
  ['a failure of the controller', answering(500), 'used'],
  ['wrong credentials', answering(401), 'unused'],
  ['a request without an answer', failing(true), 'used'],
  ['a request that was never sent', failing(false), 'unused'],
] as const)
  test(`${what} is counted before it goes, and as ${told}`, async () => {
    const here = counting(send);
    await here.http.send(REQUEST).catch((error: unknown) => assert.ok(error instanceof HttpFailure));
    assert.deepEqual(here.told, ['begin', told]);
  });

test('what cannot be counted does not go', async () => {
  const sent: string[] = [];
  const begin = async () => {
    throw new Error('no database');
  };
  const http = countedHttp(
    { send: async ({ url }) => ({ status: sent.push(url), headers: {}, body: '' }), close: async () => {} },
    { begin, end: () => assert.fail('it never began') },
  );
  await assert.rejects(http.send(REQUEST), /no database/);
  assert.deepEqual(sent, []);
});
