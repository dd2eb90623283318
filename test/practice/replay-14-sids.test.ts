import { test } from 'node:test';
import { number, Replay } from './replay.ts';
import { practise } from './stage.ts';
import { transcript } from './transcript.ts';
import { usedDeviations } from './usedDeviations.ts';

const SECRETS = {
  'admin:API_TOKEN': '11aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'alice:API_TOKEN': '11bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
  'alice:PASSWORD': 'pass word',
};

/** From 40 on, the exchanges read items, which the practice controller does not serve. */
const LAST = 39;

test('topic 14: whom the special SIDs reach', async (t) => {
  const practice = await practise({
    user: 'admin',
    token: SECRETS['admin:API_TOKEN'],
    users: [{ id: 'alice', token: SECRETS['alice:API_TOKEN'], password: SECRETS['alice:PASSWORD'] }],
    roles: [{ type: 'global', name: 'reader', pattern: '.*', permissions: ['hudson.model.Hudson.Read'], entries: [] }],
  });
  t.after(() => practice.close());
  const replay = new Replay(practice, SECRETS);
  for (const recorded of transcript('14-sid-semantics'))
    if (Number(number(recorded)) <= LAST) await t.test(recorded.n, () => replay.run(recorded));
  usedDeviations(t, replay, ['random', 'renderedPage']);
});
