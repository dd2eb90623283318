import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Costly } from '../../src/server/costly.ts';
import { Pace, type PaceLimits } from '../../src/server/pace.ts';

const LIMITS: PaceLimits = { requestsPerSecond: 1, burst: 1 };

function world() {
  const pace = new Pace(() => LIMITS);
  const refused: string[] = [];
  const costly = new Costly({ pace, limits: () => LIMITS, now: () => 0, limited: (who) => void refused.push(who) });
  const begun: string[] = [];
  const work = (name: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const run = async () => {
      begun.push(name);
      await promise;
    };
    return { run, end: resolve };
  };
  return { pace, costly, refused, begun, work };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what looks through everything runs one after another, however many came meanwhile; others wait for none of it', async () => {
  const { costly, begun, work } = world();
  const [first, second, third, other] = [work('first'), work('second'), work('third'), work('other')];
  const running = [costly.run('okta', first.run), costly.run('okta', second.run), costly.run('entra', other.run)];
  await turn();
  assert.deepEqual(begun, ['first', 'other']);
  first.end();
  await turn();
  running.push(costly.finish('okta', third.run));
  await turn();
  assert.deepEqual(begun, ['first', 'other', 'second'], 'what belongs to a change waits for its turn, too');
  for (const one of [second, third, other]) one.end();
  await Promise.all(running);
  assert.equal(begun.at(-1), 'third');
});

test('who owes is refused before anything is looked through, and what belongs to a change is not', async () => {
  const { costly, pace, refused } = world();
  pace.charge('okta', 2, 0);
  await assert.rejects(
    costly.run('okta', async () => 'looked'),
    { code: 'SCIM_RATE', details: { limit: 1, seconds: 1 } },
  );
  assert.deepEqual(refused, ['okta']);
  assert.equal(await costly.finish('okta', async () => 'looked'), 'looked');
});
