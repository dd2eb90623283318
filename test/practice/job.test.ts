import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Practice } from '../../src/practice/controller.ts';
import { ask, driver, practise } from './stage.ts';

const READ = 'hudson.model.Item.Read';
const BUILD = 'hudson.model.Item.Build';
const OVERALL_READ = 'hudson.model.Hudson.Read';

/** What a 2.568.2 with freestyle jobs answered to the same requests. */
describe('builds on the practice controller', () => {
  let practice: Practice;
  let secret: string;

  beforeEach(async () => {
    practice = await practise();
    const { hands } = practice;
    hands.defineRole({ type: 'global', name: 'in', pattern: '.*', permissions: [OVERALL_READ] });
    hands.defineRole({ type: 'item', name: 'look', pattern: 'pay/.*', permissions: [READ] });
    hands.defineRole({ type: 'item', name: 'run', pattern: 'pay/.*', permissions: [READ, BUILD] });
    hands.grant('in', 'authenticated', 'group');
    secret = hands.mintToken('ana');
    hands.job('pay/api', 's3cret');
  });

  afterEach(() => practice.close());

  const build = async (method = 'POST', query = '', job = 'pay/job/api') =>
    (await ask(practice, method, `/job/${job}/build${query}`, { user: 'ana', secret })).status;
  const builds = async (id: string) => {
    const controller = driver(practice);
    const [state] = await controller.people([id]);
    await controller.close();
    return [state?.runningBuilds, state?.queuedBuilds];
  };

  test('who may not read the job is told that there is none', async () => {
    assert.equal(await build(), 404);
    practice.hands.grant('run', 'ana');
    assert.equal(await build('POST', '', 'pay/job/none'), 404);
  });

  test('Job/Build and a POST start it; the next build waits, and is the same for whoever asks', async () => {
    practice.hands.grant('look', 'ana');
    assert.equal(await build(), 403);
    practice.hands.grant('run', 'ana');
    assert.equal(await build('GET'), 405);
    assert.equal(await build(), 201);
    assert.deepEqual(await builds('ANA'), [1, 0]);
    assert.equal(await build(), 201);
    assert.equal(await build(), 201);
    assert.deepEqual(await builds('ana'), [1, 1]);
    practice.hands.dropJob('pay/api');
    assert.deepEqual(await builds('ana'), [0, 0]);
  });

  test("the job's token stands for Job/Build and for the POST, and the build is nobody's", async () => {
    practice.hands.grant('look', 'ana');
    assert.equal(await build('GET', '?token=s3cret'), 201);
    assert.deepEqual(await builds('ana'), [0, 0]);
    practice.hands.grant('run', 'ana');
    assert.equal(await build('POST', '?token=wrong'), 403, 'a wrong token is refused whatever the visitor may');
  });

  test('anonymous needs to read the job, too', async () => {
    const anonymous = async () =>
      (await ask(practice, 'GET', '/job/pay/job/api/build?token=s3cret', { user: '' })).status;
    assert.equal(await anonymous(), 403);
    practice.hands.grant('in', 'anonymous');
    assert.equal(await anonymous(), 404);
    practice.hands.grant('look', 'anonymous');
    assert.equal(await anonymous(), 201);
  });
});
