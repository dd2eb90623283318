import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeLetter } from '../../src/jenkins/envelope.ts';
import { SCRIPTS } from '../../src/jenkins/scripts/catalogue.ts';
import { type OlderReply, older } from '../../src/jenkins/scripts/older.ts';
import { ask, practise } from './stage.ts';
import { transcript } from './transcript.ts';

/** What a real controller (2.568.2, role-strategy 898) answered the script, and what it was asked. */
interface Answered {
  readonly n: string;
  readonly parameters: { readonly ids: readonly string[] };
  readonly response: { readonly reply: { readonly result: { known: OlderReply[]; rest: string[] } } };
}

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFi8S0Zlo2E9wQQue728UK1tPB6WuVt4l/eIdpK0aaaa';
/** As it was put on the real one: keys, one of them with options, and what is none. */
const LINES = [
  `${KEY} e2e`,
  `no-pty,command="a b" ${KEY}`,
  'garbage',
  'ssh-rsa ***',
  'ssh-rsa AAAAB',
  'ssh-rsa AAAA==',
  'ecdsa-sha2-nistp256',
  'ssh-rsa AAAAB3Nz',
];
const SENTINEL = '0123456789abcdef0123456789abcdef';
/** Jenkins makes a record of this name in memory by itself; no person is ever linked to it. */
const OWN = 'SYSTEM';

/** What is random or a time, as whether it is there. */
function comparable({ known, rest }: { readonly known: readonly OlderReply[]; readonly rest: readonly string[] }) {
  const people = known.filter(({ id }) => id !== OWN);
  return {
    rest,
    known: people.map((one) => ({
      ...one,
      tokens: one.tokens.map(({ uuid, created, ...token }) => ({
        ...token,
        uuid: /^[0-9a-f-]{36}$/.test(uuid),
        created: created !== null && created > 1_700_000_000_000,
      })),
    })),
  };
}

test('topic 33: what ids hold is told as a real controller tells it', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  const { hands } = practice;
  hands.mintToken('Old.One', 'laptop');
  hands.mintToken('Old.One', 'x'.repeat(250));
  hands.legacyToken('Old.One');
  for (const line of LINES) hands.addSshKey('Old.One', line);
  hands.account('Old.One', 'A-first-passw0rd');
  hands.addCredential('Bare');
  hands.openSession('unsaved');
  for (const { n, parameters, response } of transcript<Answered>('33-older'))
    await t.test(n, async () => {
      const letter = { parameters: JSON.stringify(parameters), sentinel: SENTINEL, text: SCRIPTS.older.text };
      const { body } = await ask(practice, 'POST', '/scriptText', { form: { script: writeLetter(letter) } });
      const { result } = JSON.parse(body.slice(SENTINEL.length)) as { result: unknown };
      assert.deepEqual(comparable(older.result.parse(result)), comparable(response.reply.result));
    });
});
