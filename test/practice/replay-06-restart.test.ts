import { test } from 'node:test';
import { SimulatedTime } from '../sim/time.ts';
import { number, Replay } from './replay.ts';
import { driver, practise } from './stage.ts';
import { transcript } from './transcript.ts';
import { usedDeviations } from './usedDeviations.ts';

const SECRETS: Record<string, string> = {
  'admin:API_TOKEN': '11aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'alice:API_TOKEN': '11bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
};

/** Milliseconds after the safeRestart of exchange 15 at which an exchange is replayed. */
const MOMENTS: Readonly<Record<string, number>> = { 20: 12_500, 21: 14_770, 24: 15_100, 28: 15_700 };

test('topic 06: legacy tokens, quiet-down, reload and safeRestart', async (t) => {
  const time = new SimulatedTime();
  const practice = await practise({
    clock: time,
    timers: time,
    speed: 1,
    users: [
      { id: 'admin', token: SECRETS['admin:API_TOKEN']!, administrator: true },
      { id: 'alice', token: SECRETS['alice:API_TOKEN']! },
    ],
    roles: [{ type: 'global', name: 'reader', pattern: '.*', permissions: ['hudson.model.Hudson.Read'], entries: [] }],
  });
  t.after(() => practice.close());
  for (const id of ['leg1', 'leg2']) SECRETS[`${id}:LEGACY_TOKEN`] = practice.hands.legacyToken(id);
  const replay = new Replay(practice, SECRETS);
  let restarted = 0;
  for (const recorded of transcript('06-restart')) {
    const n = number(recorded);
    // The recorder cut the second one as a leaver is cut: the legacy secret first.
    if (n === '04') await cutTokens('leg2');
    if (n === '14') await time.advance(600);
    if (MOMENTS[n] !== undefined) {
      replay.used.add('otherRun');
      await time.advance(restarted + MOMENTS[n] - time.monotonic());
    }
    await t.test(recorded.n, () => replay.run(recorded));
    if (n === '15') restarted = time.monotonic();
  }
  usedDeviations(t, replay, ['random', 'renderedPage', 'otherRun']);

  async function cutTokens(id: string): Promise<void> {
    const controller = driver(practice);
    await controller.cut(1, [{ id, steps: ['revoke-tokens'], entries: [] }]);
    await controller.close();
  }
});
