import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepDigest } from '../../../src/plan/digest.ts';
import type { GuardInput } from '../../../src/plan/guard/input.ts';
import { grant, named, observed, owned, ownership, person, planInput, role, type Scenario, wanted } from '../make.ts';
import { config, event, guardInput, verdict } from './make.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `u${index}`);

/** `count` people of a connection are called otherwise, and take what they have along. */
function renamed(count: number, connection = 'okta'): Scenario {
  const before = names(count).map((name) => person(`${connection}/${name}`));
  const people = before.map((who) => ({ ...who, userName: `${who.userName}-new` }));
  return {
    people,
    identities: named(people, { claims: [...named(before).owners.values()] }),
    desired: { roles: [wanted('dev')], grants: people.map((who) => grant('dev', who)) },
    observed: observed(role('dev', names(count))),
    ownership: ownership(
      ['dev'],
      names(count).map((name) => owned('dev', name)),
    ),
  };
}

const two: Partial<GuardInput> = {
  config: config({ losses: { renameUsers: { count: 2, percent: 100, atLeast: 0 } } }),
};
const heldBy = (held: readonly string[]): string[] => [...new Set(held.map((text) => text.split(': ')[1]!))];

test('above the ceiling on renames what the new ids gain goes, and what the former ones lose waits as a whole', () => {
  const within = verdict(renamed(2), two);
  assert.deepEqual([within.held, within.events.filter(({ kind }) => kind === 'renamed').length], [[], 2]);
  const above = verdict(renamed(3), two);
  assert.deepEqual(above.go, ['+u0-new dev', '+u1-new dev', '+u2-new dev']);
  assert.deepEqual(heldBy(above.held), ['losses.renameUsers']);
  assert.deepEqual(above.findings, ['plan.renames-held']);
  assert.deepEqual(
    above.events.filter(({ kind }) => kind === 'renamed').map(({ key, state, connection }) => [key, state, connection]),
    names(3).map((name) => [`s-${name}`, 'held', 'okta']),
  );
});

test('renames count people of one connection on one controller within the window, what was let go and what waits', () => {
  const history = (change: Parameters<typeof event>[3], ago = 20, who = 'x') => ({
    ...two,
    history: [event('renamed', `s-${who}`, ago, { connection: 'okta', ...change })],
  });
  const count = (change: Partial<GuardInput>, scenario = renamed(2)): number => verdict(scenario, change).held.length;
  assert.ok(count(history({})) > 0);
  assert.ok(count(history({ state: 'held' })) > 0);
  assert.equal(count(history({}, 61)), 0);
  assert.equal(count(history({ controller: 'other' })), 0);
  assert.equal(count(history({ connection: 'entra' })), 0);
  assert.equal(count(history({}, 20, 'u0')), 0, 'the same person once');
  const populations = { people: new Map([['entra', 1000]]), grants: 0, groups: [] };
  assert.equal(count({ ...history({}), populations }, renamed(2, 'entra')), 0);
});

test('the ceiling on renames is a percent of the people whom the connection had when the window began', () => {
  const percent = config({ losses: { renameUsers: { count: 50, percent: 10, atLeast: 1 } } });
  const held = (people: number, counted?: number): number =>
    verdict(renamed(2), {
      config: percent,
      populations: {
        people: new Map([['okta', people]]),
        ...(counted === undefined ? {} : { counted: new Map([['okta', counted]]) }),
        ...{ grants: 0, groups: [] },
      },
    }).held.length;
  assert.equal(held(20), 0);
  assert.ok(held(19) > 0);
  assert.ok(held(20, 19) > 0, 'who came since raises it not');
});

test('a former id waits, is released and rejected as a whole, whatever was read since', () => {
  const scenario = renamed(3);
  const steps = guardInput(planInput(scenario)).plan.steps.filter(({ cause }) => cause === 'old-id');
  const [first] = steps;
  const key = stepDigest(first!);
  const waiting = new Map([[key, 'losses.renameUsers']]);
  const own = (held: readonly string[]) => held.filter((text) => text.includes(' u0'));
  const all = verdict(scenario, { waiting });
  assert.deepEqual([own(all.held).length, all.held.length], [steps.length / 3, steps.length / 3]);
  const released = verdict(scenario, { ...two, released: new Set([key]) });
  assert.deepEqual([released.held, released.events.filter(({ kind }) => kind === 'renamed').length], [[], 2]);
  const rejected = verdict(scenario, { ...two, waiting, rejected: new Set([key]) });
  assert.deepEqual([own(rejected.held).length, rejected.held.length], [steps.length / 3, steps.length / 3]);
  assert.equal(rejected.events.filter(({ kind }) => kind === 'renamed').length, 2);
});

test('who was counted within the window goes on, though others above the ceiling wait', () => {
  const history = ['u0', 'x', 'y'].map((name) => event('renamed', `s-${name}`, 20, { connection: 'okta' }));
  const { held } = verdict(renamed(2), { ...two, history });
  assert.ok(held.length > 0 && held.every((text) => text.includes(' u1')), held.join());
});

test('what was let go before, and ids that the ceiling is not on, go whatever the count', () => {
  assert.deepEqual(verdict(renamed(3), { ...two, renamed: [] }).held, []);
});
