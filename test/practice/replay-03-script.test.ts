import { test } from 'node:test';
import { number, Replay } from './replay.ts';
import { practise } from './stage.ts';
import { transcript } from './transcript.ts';
import { usedDeviations } from './usedDeviations.ts';

const SECRETS = {
  'admin:API_TOKEN': '11aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'alice:API_TOKEN': '11bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
};

/** Those that need no Groovy to be run: nothing to run, and nobody who may. */
const WITHOUT_GROOVY = new Set(['06', '20', '21', '22', '23', '24', '25', '26', '28']);

test('topic 03: the script console without a script of ours', async (t) => {
  const practice = await practise({
    user: 'admin',
    token: SECRETS['admin:API_TOKEN'],
    users: [{ id: 'alice', token: SECRETS['alice:API_TOKEN'] }],
    roles: [
      {
        type: 'global',
        name: 'reader',
        pattern: '.*',
        permissions: ['hudson.model.Hudson.Read'],
        entries: [{ type: 'user', id: 'alice' }],
      },
    ],
  });
  t.after(() => practice.close());
  const replay = new Replay(practice, SECRETS);
  for (const recorded of transcript('03-scriptText'))
    if (WITHOUT_GROOVY.has(number(recorded))) await t.test(recorded.n, () => replay.run(recorded));
  usedDeviations(t, replay, ['random', 'renderedPage']);
});
