import { test } from 'node:test';
import { Replay } from './replay.ts';
import { practise } from './stage.ts';
import { transcript } from './transcript.ts';
import { usedDeviations } from './usedDeviations.ts';

const SECRETS = {
  'admin:API_TOKEN': '11aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'alice:API_TOKEN': '11bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
  'ALICE:API_TOKEN': '11bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
  'ADMIN:API_TOKEN': '11aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
};

// The others of the topic are about groups that a login of oic-auth brings.
test('topic 23: a realm that compares case takes another spelling for somebody else', async (t) => {
  const practice = await practise({
    user: 'admin',
    token: SECRETS['admin:API_TOKEN'],
    users: [{ id: 'alice', token: SECRETS['alice:API_TOKEN'] }],
    roles: [{ type: 'global', name: 'reader', pattern: '.*', permissions: ['hudson.model.Hudson.Read'], entries: [] }],
    userIds: 'case-sensitive',
  });
  t.after(() => practice.close());
  const replay = new Replay(practice, SECRETS);
  for (const recorded of transcript('23-case')) await t.test(recorded.n, () => replay.run(recorded));
  usedDeviations(t, replay, ['random', 'renderedPage']);
});
