import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PrincipalType } from '../../src/access/principal.ts';
import type { RoleType } from '../../src/access/role.ts';
import { number, Replay } from './replay.ts';
import { practise } from './stage.ts';
import { type Recorded, transcript } from './transcript.ts';
import { usedDeviations } from './usedDeviations.ts';

const SECRETS = {
  'admin:API_TOKEN': '11aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'carol:API_TOKEN': '11bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
};

const READ = ['hudson.model.Hudson.Read'];
const P1 = ['hudson.model.Item.Read', 'hudson.model.Item.Build'];

/** The roles as topic 02 left them: what exchanges 01–04 read, `p1` with the empty template name that REST gives it. */
function rolesLeft(recorded: readonly Recorded[]) {
  const types: readonly RoleType[] = ['global', 'item', 'agent'];
  return types.flatMap((type, at) => {
    const body = JSON.parse(recorded[at]!.response.body ?? '{}') as Record<string, { type: string; sid: string }[]>;
    return Object.entries(body).map(([name, sids]) => ({
      type,
      name,
      pattern: name === 'p1' ? 'team-a/.*' : '.*',
      permissions:
        name === 'p1' ? P1 : name === 'reader' ? READ : name === 'admin' ? ['hudson.model.Hudson.Administer'] : [],
      ...(type === 'item' ? { template: '' } : {}),
      entries: sids.map(({ type: kind, sid }) => ({ type: kind.toLowerCase() as PrincipalType, id: sid })),
    }));
  });
}

test('topic 02-persistence: what a restart keeps', async (t) => {
  const exchanges = transcript('02-role-strategy-persistence');
  const practice = await practise({
    user: 'admin',
    token: SECRETS['admin:API_TOKEN'],
    users: [{ id: 'carol', token: SECRETS['carol:API_TOKEN'] }],
  });
  t.after(() => practice.close());
  practice.hands.reloadJcasc(rolesLeft(exchanges));
  const replay = new Replay(practice, SECRETS);
  let back: Promise<void> | undefined;
  for (const recorded of exchanges) {
    if (number(recorded) === '11') back = practice.hands.restart('kill');
    await t.test(recorded.n, async () => {
      if (recorded.response.status !== null) return replay.run(recorded);
      await assert.rejects(replay.send(recorded), { code: 'ECONNREFUSED' });
    });
    await back;
  }
  usedDeviations(t, replay, ['random', 'renderedPage']);
});
