import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { questions } from '../../src/cli/init/ask.ts';
import { dialogue } from '../../src/cli/init/dialogue.ts';
import { ScimError } from '../../src/errors.ts';

function talk() {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (chunk) => {
    shown += String(chunk);
  });
  return { input, shown: () => shown, asking: dialogue(input, output, false) };
}

test('lines typed ahead answer the questions that follow', async () => {
  const { input, asking } = talk();
  input.write('entra\nhttp://ci.test/\nadmin\nci-a\nsvc\n./token\n');
  assert.deepEqual(await questions(asking), {
    provider: ['entra'],
    jenkins: 'http://ci.test/',
    breakGlass: 'admin',
    controller: 'ci-a',
    user: 'svc',
    tokenFile: './token',
  });
  asking.close();
});

test('lines that come at once while a question waits answer it and those that follow', async () => {
  const { input, asking } = talk();
  const found = questions(asking);
  await new Promise((resolve) => setImmediate(resolve));
  input.write('entra\nhttp://ci.test/\nadmin\nci-a\nsvc\n./token\n');
  input.end();
  assert.equal((await found).tokenFile, './token');
});

test('a wrong answer is told and asked again, an empty one is the usual', async () => {
  const { input, shown, asking } = talk();
  input.write('octa\n\nnot a url\nhttps://ci.test/\n\nBAD NAME\n\n\n\n');
  const found = await questions(asking);
  assert.deepEqual(found, {
    provider: ['okta'],
    jenkins: 'https://ci.test/',
    controller: 'ci-main',
    user: 'jenkins-scim',
    tokenFile: './jenkins-token',
  });
  assert.match(shown(), /use one of okta, entra/);
  assert.match(shown(), /not a URL/);
  assert.match(shown(), /a name has 1 to 63/);
  asking.close();
});

for (const [how, end] of [
  ['before the first answer', (input: PassThrough) => input.end()],
  ['after some', (input: PassThrough) => input.end('okta\n')],
] as const)
  test(`an input that ends ${how} ends the dialogue with its own code`, async () => {
    const { input, asking } = talk();
    const asked = questions(asking);
    end(input);
    await assert.rejects(asked, (error) => error instanceof ScimError && error.code === 'CLI_ABORTED');
  });
