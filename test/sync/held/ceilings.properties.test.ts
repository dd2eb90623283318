import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type SyncWorld, syncWorld } from '../world.ts';

const MINUTE = 60_000;
const WINDOW = 60 * MINUTE;
const CREW = Array.from({ length: 9 }, (_, n) => `dev${n}`);
const CONTROLLERS = ['ci', 'cd'] as const;
const MOST = { people: 2, grants: 3 } as const;
const GUARD = `guard: { losses: {
  disableUsers: { count: ${MOST.people}, percent: 100, atLeast: 1 },
  revokeGrants: { count: ${MOST.grants}, percent: 100, atLeast: 1 } } }`;

const who = fc.nat(CREW.length - 1);
const where = fc.constantFrom(...CONTROLLERS);
/** Each look knows nothing but what is stored, as after a restart, or of another replica. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('leave' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('back' as const), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('drop' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('look' as const), on: where, who: fc.option(who) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('look-at-once' as const), who: fc.option(who) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 5, max: 50 }) }) },
);

/** What the controllers show was taken by itself, and when: by person, and by controller and person. */
class Taken {
  readonly people = new Map<string, number>();
  readonly grants = new Map<string, number>();
  readonly #stood = new Map(CONTROLLERS.map((name) => [name, new Set(CREW)]));

  look(world: SyncWorld, active: ReadonlySet<string>, now: number): void {
    for (const name of CONTROLLERS) {
      const stand = new Set(world.practices.get(name)!.look.holders('pay-developer'));
      const stood = this.#stood.get(name)!;
      for (const dev of CREW) {
        const key = `${name} ${dev}`;
        if (stand.has(dev)) this.grants.delete(key);
        else if (stood.has(dev) && active.has(dev)) this.grants.set(key, now);
        else if (stood.has(dev) && !this.people.has(dev)) this.people.set(dev, now);
      }
      this.#stood.set(name, stand);
    }
    for (const dev of active) this.people.delete(dev);
  }

  /** How many of each within the window that ends now. */
  within(now: number): { readonly people: number; readonly grants: readonly number[] } {
    const lately = (all: ReadonlyMap<string, number>): string[] =>
      [...all].filter(([, at]) => at > now - WINDOW).map(([key]) => key);
    const grants = lately(this.grants);
    return {
      people: lately(this.people).length,
      grants: CONTROLLERS.map((name) => grants.filter((key) => key.startsWith(`${name} `)).length),
    };
  }
}

test('whatever happens in whatever order, looked at by whomever, no window takes more by itself than its ceilings', async (t) => {
  const most = { people: 0, grants: 0, held: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 16 }), async (steps) => {
      const world = await syncWorld(t, { start: false, controllers: CONTROLLERS, more: GUARD });
      for (const name of CREW) await world.person(name);
      await world.group('ci-pay-dev', CREW);
      for (const name of CONTROLLERS) await world.order({ kind: 'sync' }, name);
      const active = new Set(CREW);
      const taken = new Taken();
      for (const one of [...steps, { do: 'look-at-once' as const, who: null }]) {
        const dev = 'who' in one && one.who !== null ? CREW[one.who]! : undefined;
        const order = { kind: 'sync' as const, ...(dev === undefined ? {} : { person: world.idOf(dev) }) };
        if (one.do === 'leave' || one.do === 'back') await world.change(dev!, { active: one.do === 'back' });
        if (one.do === 'leave') active.delete(dev!);
        if (one.do === 'back') active.add(dev!);
        if (one.do === 'drop') await world.drop('ci-pay-dev', dev!);
        if (one.do === 'add') await world.add('ci-pay-dev', dev!);
        if (one.do === 'wait') world.time.forward(one.minutes * MINUTE);
        if (one.do === 'look') await world.order(order, one.on);
        if (one.do === 'look-at-once') await Promise.all(CONTROLLERS.map((name) => world.order(order, name)));
        const now = world.context.clock.now();
        taken.look(world, active, now);
        const { people, grants } = taken.within(now);
        assert.ok(people <= MOST.people, `${people} people after ${JSON.stringify(one)}`);
        for (const count of grants) assert.ok(count <= MOST.grants, `${count} grants after ${JSON.stringify(one)}`);
        most.people = Math.max(most.people, people);
        most.grants = Math.max(most.grants, ...grants);
      }
      most.held += (await world.store.read((db) => db.selectFrom('held').select('step_key').execute())).length;
    }),
    { numRuns: 12 },
  );
  assert.ok(most.people > 0 && most.grants > 0 && most.held > 0, JSON.stringify(most));
});
