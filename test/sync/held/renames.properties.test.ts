import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { heldRows } from '../rows.ts';
import { syncWorld } from '../world.ts';

const MINUTE = 60_000;
const WINDOW = 60 * MINUTE;
const CREW = Array.from({ length: 7 }, (_, n) => `dev${n}`);
const MOST = 2;
const GUARD = `guard: { losses: { renameUsers: { count: ${MOST}, percent: 100, atLeast: 1 } } }`;

const who = fc.nat(CREW.length - 1);
/** Each look knows nothing but what is stored, as after a restart, or of another replica. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('rename' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('back' as const), who }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('look' as const), who: fc.option(who) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 5, max: 50 }) }) },
);

test('whoever is renamed and put back in whatever order, no window cuts off more than the ceiling, and who is put back has lost nothing', async (t) => {
  const most = { cut: 0, held: 0, kept: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 20 }), async (steps) => {
      const world = await syncWorld(t, { start: false, more: GUARD });
      for (const name of CREW) await world.person(name);
      await world.group('ci-pay-dev', CREW);
      await world.order({ kind: 'sync' });
      for (const name of CREW) world.practice.hands.mintToken(name);
      const has = (id: string): boolean => world.practice.look.person(id).tokens > 0;
      /** Who was cut off from their first id, and when; again within the window counts once. */
      const cut = new Map<string, number>();
      const others = new Set<string>();
      const look = async (person?: string): Promise<void> => {
        const stood = CREW.filter(has);
        await world.order({ kind: 'sync', ...(person === undefined ? {} : { person: world.idOf(person) }) });
        const now = world.context.clock.now();
        for (const name of stood)
          if (!has(name) && (cut.get(name) ?? Number.NEGATIVE_INFINITY) <= now - WINDOW) cut.set(name, now);
        const lately = [...cut.values()].filter((at) => at > now - WINDOW).length;
        assert.ok(lately <= MOST, `${lately} people`);
        most.cut = Math.max(most.cut, lately);
        most.held += (await heldRows(world)).length;
      };
      for (const [at, one] of steps.entries()) {
        const name = 'who' in one && one.who !== null ? CREW[one.who]! : undefined;
        if (one.do === 'rename') {
          const other = `${name}.${at}`;
          others.add(other);
          await world.change(name!, { userName: other });
        }
        if (one.do === 'back') await world.change(name!, { userName: name! });
        if (one.do === 'wait') world.time.forward(one.minutes * MINUTE);
        if (one.do === 'look') await look(name);
      }
      await look();
      const kept = CREW.filter(has);
      for (const name of CREW) await world.change(name, { userName: name });
      // Who was cut off long ago and is called so again gives an id up like anybody: a few within an hour.
      for (let hours = 0; hours < 4; hours++) {
        await look();
        assert.deepEqual(CREW.filter(has), kept);
        world.time.forward(WINDOW + MINUTE);
      }
      const waiting = (await heldRows(world)).map(({ step: text }) => (JSON.parse(text) as { person: string }).person);
      for (const name of kept) assert.ok(!waiting.includes(world.idOf(name)), name);
      const holders = world.holders('pay-developer');
      for (const name of CREW) assert.ok(holders.includes(name), name);
      for (const other of others)
        if (kept.some((name) => other.startsWith(name))) assert.ok(!holders.includes(other), other);
      most.kept += kept.length;
    }),
    { numRuns: 10 },
  );
  assert.ok(most.cut > 0 && most.held > 0 && most.kept > 0, JSON.stringify(most));
});
