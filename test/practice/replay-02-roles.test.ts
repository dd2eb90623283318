import { test } from 'node:test';
import { Replay } from './replay.ts';
import { practise } from './stage.ts';
import { transcript } from './transcript.ts';
import { usedDeviations } from './usedDeviations.ts';

const SECRETS = {
  'admin:API_TOKEN': '11aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'alice:API_TOKEN': '11bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
};

/** The recorder's items: one folder with a display name and two jobs, and three others. */
const ITEMS = [
  { fullName: 'team-a', displayName: 'Team A (display)' },
  { fullName: 'team-a/job1', displayName: 'Team A (display) » job1' },
  { fullName: 'team-a/job2', displayName: 'Team A (display) » job2' },
  { fullName: 'team-b' },
  { fullName: 'team-b/job1', displayName: 'team-b » job1' },
  { fullName: 'top' },
];

test('topic 02: role-strategy over REST', async (t) => {
  const practice = await practise({
    user: 'admin',
    token: SECRETS['admin:API_TOKEN'],
    users: [{ id: 'alice', token: SECRETS['alice:API_TOKEN'] }],
    roles: [{ type: 'global', name: 'reader', pattern: '.*', permissions: ['hudson.model.Hudson.Read'], entries: [] }],
    items: ITEMS,
  });
  t.after(() => practice.close());
  const replay = new Replay(practice, SECRETS);
  for (const recorded of transcript('02-role-strategy')) await t.test(recorded.n, () => replay.run(recorded));
  usedDeviations(t, replay, ['random', 'renderedPage', 'permissionOrder']);
});
