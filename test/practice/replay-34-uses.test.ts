import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeLetter } from '../../src/jenkins/envelope.ts';
import { SCRIPTS } from '../../src/jenkins/scripts/catalogue.ts';
import { uses } from '../../src/jenkins/scripts/uses.ts';
import { ask, practise } from './stage.ts';
import { transcript } from './transcript.ts';

/** What was done on a real controller (2.568.2), and what it answered the script then. */
interface Answered {
  readonly n: string;
  readonly did: readonly string[];
  readonly parameters: { readonly id: string };
  readonly response: {
    readonly reply: { readonly result: { counted: boolean; tokens: { uuid: string; uses: number }[] } };
  };
}

const SENTINEL = '0123456789abcdef0123456789abcdef';

/** Ids of tokens are random: they count by their order. */
const comparable = ({ counted, tokens }: Answered['response']['reply']['result']) => ({
  counted,
  tokens: tokens.map(({ uuid, uses }) => [/^[0-9a-f-]{36}$/.test(uuid), uses]),
});

test('topic 34: how often tokens were used is told as a real controller tells it', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  const { hands } = practice;
  const values = new Map<string, string>();
  const by = (secret: string) => ask(practice, 'GET', '/whoAmI/api/json', { user: 'uses.one', secret });
  const acts: Record<string, () => Promise<unknown> | unknown> = {
    record: () => hands.addCredential('Uses.One'),
    'mint a': () => values.set('a', hands.mintToken('Uses.One', 'a')),
    'mint b': () => values.set('b', hands.mintToken('Uses.One', 'b')),
    'use a': () => by(values.get('a')!),
    'use b': () => by(values.get('b')!),
    wrong: () => by('wrong'),
    'forbidden a': () => ask(practice, 'GET', '/script', { user: 'uses.one', secret: values.get('a')! }),
    'statistics off': () => hands.countUses(false),
    'statistics on': () => hands.countUses(true),
  };
  for (const { n, did, parameters, response } of transcript<Answered>('34-uses'))
    await t.test(n, async () => {
      for (const act of did) await acts[act]!();
      const letter = { parameters: JSON.stringify(parameters), sentinel: SENTINEL, text: SCRIPTS.uses.text };
      const { body } = await ask(practice, 'POST', '/scriptText', { form: { script: writeLetter(letter) } });
      const { result } = JSON.parse(body.slice(SENTINEL.length)) as { result: unknown };
      assert.deepEqual(comparable(uses.result.parse(result)), comparable(response.reply.result));
    });
});
