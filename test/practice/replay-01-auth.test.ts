import { test } from 'node:test';
import { number, Replay } from './replay.ts';
import { ask, cookieOf, practise } from './stage.ts';
import { transcript } from './transcript.ts';
import { usedDeviations } from './usedDeviations.ts';

const SECRETS = {
  'admin:API_TOKEN': '11aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'ADMIN:API_TOKEN': '11aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'alice:API_TOKEN': '11bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
  'admin:PASSWORD': 'pass word',
  'admin:WRONG_TOKEN': '11cccccccccccccccccccccccccccccccc',
  'admin:WRONG_PASSWORD': 'wrong',
  'nobody-here:X': 'X',
};

/** Whose session a request with a cookie went on with; the recording says `<SESSION>`. */
const SESSIONS: Readonly<Record<string, string>> = {
  26: '24',
  27: '24',
  28: '24',
  30: '29',
  31: '29',
  43: 'login',
  44: '43',
  45: '43',
  46: '43',
  47: '43',
  48: '43',
  49: '43',
  50: '43',
};

test('topic 01: authentication, headers, crumbs and sessions', async (t) => {
  const practice = await practise({
    user: 'admin',
    token: SECRETS['admin:API_TOKEN'],
    users: [
      { id: 'admin', password: SECRETS['admin:PASSWORD'] },
      { id: 'alice', token: SECRETS['alice:API_TOKEN'] },
    ],
    roles: [{ type: 'global', name: 'reader', pattern: '.*', permissions: ['hudson.model.Hudson.Read'], entries: [] }],
  });
  t.after(() => practice.close());
  const replay = new Replay(practice, SECRETS);
  for (const recorded of transcript('01-auth-headers')) {
    if (number(recorded) === '43') {
      const page = await ask(practice, 'GET', '/login', { user: '' });
      replay.keep('login', cookieOf(page).replace('JSESSIONID=', ''));
      const crumb = /Jenkins-Crumb=([0-9a-f]{64})/.exec(recorded.request.body ?? '')?.[1] ?? '';
      replay.learn('crumb', crumb, /type="hidden" value="([0-9a-f]{64})"/.exec(page.body)?.[1] ?? '');
      replay.used.add('notRecorded');
    }
    await t.test(recorded.n, () => replay.run(recorded, SESSIONS[number(recorded)]));
  }
  usedDeviations(t, replay, ['random', 'address', 'renderedPage', 'notRecorded']);
});
