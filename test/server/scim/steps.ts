import fc from 'fast-check';
import type { TeamOp } from './directoryModel.ts';
import { X } from './modelWorld.ts';
import { type Op, operation } from './patchModel.ts';
import type { Json } from './world.ts';

export const solid = (value: object): Json =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
const option = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 1 });

/** A resource by its place among those there are; some places are nobody's. */
const place = fc.nat(9);
const places = fc.uniqueArray(fc.nat(8), { maxLength: 4 });
const userDoc = fc
  .record({
    userName: fc.constantFrom('ana', 'ANA', 'bo', 'cy', 'dora', 'eve', 'Straße', 'STRASSE', '\uff21na'),
    title: option(fc.constantFrom('a', 'b')),
    active: option(fc.boolean()),
    emails: option(
      fc.constantFrom(
        [{ value: 'a@x.test', primary: true }, { value: 'b@x.test' }],
        [{ value: 'a@x.test' }, { value: 'b@x.test' }, { value: 'A@x.test', display: 'A', primary: true }],
      ),
    ),
    roles: option(fc.constant([{ value: 'ci' }])),
    [X]: option(
      fc
        .record({ badge: fc.constantFrom('1', 'q', 'Q'), tags: option(fc.constantFrom(['t'], ['T', 'u'], ['v'])) })
        .map(solid),
    ),
  })
  .map(solid);
const groupDoc = fc
  .record({
    displayName: fc.constantFrom('ops', 'OPS', 'dev', 'qa', 'all', 'Σ'),
    externalId: option(fc.constantFrom('1', '2')),
  })
  .map(solid);
/** An operation whose members are places. */
export type Wanted<T> = T extends { members: readonly string[] }
  ? Omit<T, 'members'> & { members: readonly number[] }
  : T extends { member: string }
    ? Omit<T, 'member'> & { member: number }
    : T;
const teamOp: fc.Arbitrary<Wanted<TeamOp>> = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'remove', 'replace') as fc.Arbitrary<'add'>, members: places }),
  fc.record({ op: fc.constantFrom('add', 'add', 'remove') as fc.Arbitrary<'add'>, members: places }),
  fc.record({ op: fc.constant('clear' as const) }),
  fc.record({ op: fc.constant('rename' as const), name: fc.constantFrom('ops', 'Ops', 'dev', 'all') }),
  fc.record({ op: fc.constant('select' as const), member: fc.nat(8) }),
);
/** One request. */
export type Step =
  | { readonly do: 'post-user' | 'put-user'; readonly at: number; readonly doc: Json }
  | { readonly do: 'patch-user'; readonly at: number; readonly ops: readonly Op[] }
  | { readonly do: 'delete-user' | 'delete-group'; readonly at: number }
  | {
      readonly do: 'post-group' | 'put-group';
      readonly at: number;
      readonly doc: Json;
      readonly members?: readonly number[];
    }
  | { readonly do: 'patch-group'; readonly at: number; readonly ops: readonly Wanted<TeamOp>[] };
const user = fc.constantFrom('post-user', 'post-user', 'put-user') as fc.Arbitrary<'put-user'>;
const group = fc.constantFrom('post-group', 'put-group') as fc.Arbitrary<'put-group'>;
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: user, at: place, doc: userDoc }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('patch-user' as const),
      at: place,
      ops: fc.array(operation, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('delete-user', 'delete-group') as fc.Arbitrary<'delete-user'>,
      at: place,
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ do: group, at: place, doc: groupDoc, members: option(places) })
      .map((made) => solid(made) as Step),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('patch-group' as const),
      at: place,
      ops: fc.array(teamOp, { minLength: 1, maxLength: 4 }),
    }),
  },
);
