import { test } from 'node:test';
import fc from 'fast-check';
import { WITH_UNIQUE } from './modelWorld.ts';
import { Play } from './play.ts';
import { step } from './steps.ts';
import { scimWorld } from './world.ts';

test('whatever is asked in whatever order, one by one, at once or in bulk, the directory is what a plain model of RFC 7644 is', async (t) => {
  const world = await scimWorld(t, {}, WITH_UNIQUE);
  const client = world.as('rfc');
  const foreign = await world.as('okta').user('foreign');
  const round = fc.oneof(
    { weight: 3, arbitrary: step.map((one) => [one]) },
    { weight: 2, arbitrary: fc.array(step, { minLength: 2, maxLength: 9 }) },
  );
  const property = fc.asyncProperty(fc.array(round, { minLength: 5, maxLength: 20 }), async (rounds) => {
    const play = new Play(world, client, foreign);
    for (const path of ['/Users', '/Groups'])
      for (const { id } of (await client.get(`${path}?attributes=id&count=1000`)).body.Resources)
        await client.delete(`${path}/${id}`);
    await world.forget();
    for (const steps of rounds) {
      const about = JSON.stringify(steps);
      if (steps.length === 1) await play.single(steps[0]!);
      else if (steps.length <= 5) await play.together(steps);
      else await play.bulk(steps);
      await play.check(about);
    }
  });
  await fc.assert(property, {
    numRuns: 5,
    endOnFailure: true,
  });
});
