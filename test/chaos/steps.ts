import fc from 'fast-check';
import { CONTROLLERS } from './controllers.ts';
import { GROUPS, PEOPLE } from './names.ts';
import type { Step } from './step.ts';

const n = fc.nat({ max: 20 });
const few = fc.array(n, { maxLength: 3 });
const some = fc.array(n, { minLength: 1, maxLength: 4 });

/** People in groups that rules name: what a walk takes away has to be there first. */
const founding: fc.Arbitrary<Step[]> = fc
  .record({
    people: fc.uniqueArray(fc.nat({ max: PEOPLE.length - 1 }), { minLength: 4, maxLength: 6 }),
    groups: fc.uniqueArray(fc.nat({ max: GROUPS.length - 1 }), { minLength: 4, maxLength: 6 }),
    members: fc.array(some, { minLength: 6, maxLength: 6 }),
    elsewhere: n,
    external: n,
  })
  .map(({ people, groups, members, elsewhere, external }) => [
    ...people.map((who, at) => ({ do: 'create' as const, who, at: 0, inactive: false, external: external + at })),
    { do: 'create', who: elsewhere, at: 1, inactive: false, external },
    ...groups.map((name, at) => ({ do: 'group' as const, name, at: 0, members: members[at]! })),
  ]);

const KINDS: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<Step> }[] = [
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      who: n,
      at: fc.constantFrom(0, 0, 1),
      inactive: fc.constantFrom(false, false, false, true),
      external: n,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('rename' as const), who: n, to: n, how: n }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('person-external' as const), who: n, to: n, how: n }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('active' as const), who: n, on: fc.boolean(), how: n }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), who: n, how: n }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('group' as const), name: n, at: n, members: few }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('members' as const), group: n, who: few, how: n }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('nest' as const), group: n, into: n, out: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename-group' as const), group: n, to: n, how: n }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete-group' as const), group: n }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('policy' as const), edit: n, who: n }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('broken-policy' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('mode' as const), on: n, to: n }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pause' as const), on: n, resume: fc.boolean(), hold: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('configured' as const),
      on: n,
      back: fc.boolean(),
      letGo: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('let-go' as const), on: n }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clock' as const), back: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('scopes' as const), who: n, group: n, how: n }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('hand' as const), on: n, edit: n, who: n, role: n }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart-controller' as const), on: n }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('trouble' as const), on: n, kinds: few }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), after: fc.nat({ max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('second' as const), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('time' as const), by: n }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('held' as const), which: n, reject: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('swap' as const), who: n, with: n }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('again' as const), who: n }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('now' as const), who: n, lift: fc.boolean(), hasty: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('adopt' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('external' as const), group: n, to: n }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pause-connection' as const), at: n, resume: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disown' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release-id' as const), who: n }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('identity' as const), on: n, apply: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('primary' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ceilings' as const), to: n }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('freeze' as const), on: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('front' as const), after: fc.nat({ max: 7 }), lose: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('down' as const), on: n, up: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('moment' as const), who: n, how: n }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('race' as const), who: n, to: n }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('partly' as const), who: n, at: n, group: n, stops: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('backup' as const), copied: fc.boolean(), hasty: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('dark' as const), steps: fc.integer({ min: 2, max: 12 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('look' as const), whole: fc.boolean() }) },
];

/** What happens rarely, and is looked at by walks that are about it: of each, a few are. */
const RARE = KINDS.map(({ weight }, at) => (weight <= 2 ? at : -1)).filter((at) => at >= 0);
const OFTEN = 8;

const themes = fc.subarray(RARE, { minLength: 2, maxLength: 3 });

function stepsAbout(theme: readonly number[], most: number): fc.Arbitrary<Step[]> {
  const kinds = KINDS.map(({ weight, arbitrary }, at) => ({ arbitrary, weight: theme.includes(at) ? OFTEN : weight }));
  return fc.array(fc.oneof(...kinds), { minLength: Math.ceil(most / 3), maxLength: most, size: 'max' });
}

/** A walk of so many steps at most, beside those that found it. */
export const steps = (most: number): fc.Arbitrary<Step[]> =>
  fc
    .tuple(
      fc.record({
        do: fc.constant('begin' as const),
        tight: fc.constantFrom(false, false, false, true),
        speaks: fc.tuple(n, n),
        named: fc.array(fc.constantFrom(false, false, true), {
          minLength: CONTROLLERS.length,
          maxLength: CONTROLLERS.length,
        }),
      }),
      founding,
      themes.chain((theme) => stepsAbout(theme, most)),
    )
    .map(([begin, first, list]) => [begin, ...first, ...list]);
