import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorDetails, refuse } from '../../src/errors.ts';
import type { Connection } from '../../src/jenkins/connection.ts';
import { createToken, revokeToken } from '../../src/jenkins/ownTokens.ts';

/** A controller that answers every form so, with a 200. */
function answering(body: string): { connection: Connection; posted: unknown[] } {
  const posted: unknown[] = [];
  const connection = {
    post: async (path: string, form: object) => {
      posted.push([path, form]);
      return body;
    },
    error: ({ code, details }: { code: 'JEN_ANSWER'; details: ErrorDetails }) =>
      refuse(code, { controller: 'ci', ...details }),
  };
  return { connection: connection as unknown as Connection, posted };
}

const PAGE = '<html><body>Sign in</body></html>';

test('a new token is one only in the words of Jenkins', async () => {
  const told = { status: 'ok', data: { tokenUuid: 'u', tokenValue: 'v', tokenName: 'next' } };
  const { connection, posted } = answering(JSON.stringify(told));
  assert.deepEqual(await createToken(connection, 'next'), { uuid: 'u', value: 'v' });
  const path = 'me/descriptorByName/jenkins.security.ApiTokenProperty/generateNewToken';
  assert.deepEqual(posted, [[path, { newTokenName: 'next' }]]);
  for (const body of [
    '',
    PAGE,
    '{}',
    JSON.stringify({ ...told, status: 'error' }),
    JSON.stringify({ status: 'ok', data: { tokenUuid: '', tokenValue: 'v' } }),
  ])
    await assert.rejects(createToken(answering(body).connection, 'next'), { code: 'JEN_ANSWER' }, body);
});

test('a token is revoked by an empty answer, not by a page', async () => {
  const { connection, posted } = answering('');
  await revokeToken(connection, 'u');
  assert.deepEqual(posted, [['me/descriptorByName/jenkins.security.ApiTokenProperty/revoke', { tokenUuid: 'u' }]]);
  await assert.rejects(revokeToken(answering(PAGE).connection, 'u'), { code: 'JEN_ANSWER' });
});
