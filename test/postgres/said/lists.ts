import fc from 'fast-check';
import { X as F } from '../../fuzz/corpus.ts';
import { asked, PATHS, sortable, writtenPath, X } from '../../server/scim/searchModel.ts';
import { E, type Json } from '../../server/scim/world.ts';
import { TEAM, who } from './resources.ts';
import { option, solid, value } from './values.ts';

export const onPerson = fc.constantFrom(
  ...PATHS.map(writtenPath),
  ...[
    'emails',
    'roles',
    'name',
    `${E}:manager`,
    `${X}:thing`,
    `${X}:things`,
    `${F}:badge`,
    `${F}:once`,
    `${F}:desk.plan`,
    `${F}:secret`,
  ],
  ...[
    'emails[type eq "work"].value',
    'emails[primary eq true]',
    'roles[value co "a"].display',
    `${X}:things[level gt 1].code`,
  ],
);
/** What most people have, numbers that most have not. */
const usual = fc.constantFrom(
  ...['userName', 'userName', 'title', 'displayName', 'externalId', 'emails.value', 'roles.value', `${E}:department`],
  ...[`${X}:word`, `${X}:words`, `${X}:fraction`, `${X}:fractions`, `${X}:whole`, `${X}:things.code`],
);
const onTeam = fc.constantFrom(
  'displayName',
  'externalId',
  'members.value',
  'members',
  'members.display',
  'members.type',
  'id',
  'meta.created',
  `${TEAM}:area`,
  `${TEAM}:tags`,
);
const operator = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le');
/** Parts of much that is stored. */
const part = fc.constantFrom('a', 'A', 'x', 'ß', 'ss', 'σ', 'ς', 'e', '1', ' ', 'i', '\u0301', 'xx', '');
const loose = (path: fc.Arbitrary<string>) =>
  fc.oneof(
    fc
      .tuple(path, operator, fc.oneof(part, part, value, who))
      .map(([at, how, wanted]) => `${at} ${how} ${JSON.stringify(wanted)}`),
    path.map((at) => `${at} pr`),
  );
const joined = (one: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 3, arbitrary: one },
    {
      weight: 1,
      arbitrary: fc.tuple(one, fc.constantFrom('and', 'or', 'and not'), one).map(([a, how, b]) => `${a} ${how} (${b})`),
    },
  );
/** What changed since somebody did, and what a reader of changes asks next. */
const since = fc
  .tuple(fc.constantFrom('gt', 'ge', 'lt', 'le', 'eq'), fc.constantFrom('@m0@', '@m1@', '@m2@', '@m3@'))
  .map(([how, when]) => `meta.lastModified ${how} "${when}"`);
const members = who.map((id) => `members eq "${id}"`);
const userFilter = fc.oneof(
  joined(fc.oneof(since, since, loose(usual))),
  asked.map(({ text: written }) => written),
  joined(loose(usual)),
  joined(loose(fc.oneof(onPerson, fc.constantFrom('groups.value', 'groups.display', 'groups.type', 'schemas')))),
);
const teamFilter = joined(
  fc.oneof({ weight: 3, arbitrary: loose(onTeam) }, { weight: 1, arbitrary: fc.oneof(members, since) }),
);
const projection = (path: fc.Arbitrary<string>) => fc.array(path, { minLength: 1, maxLength: 3 });

export const list = (kind: 'Users' | 'Groups') => {
  const path = kind === 'Users' ? onPerson : onTeam;
  return fc
    .record({
      filter: option(kind === 'Users' ? userFilter : teamFilter),
      sortBy: option(
        kind === 'Users'
          ? fc.oneof(
              path,
              sortable.map((by) => (by === undefined ? 'userName' : writtenPath(by))),
            )
          : path,
      ),
      sortOrder: option(fc.constantFrom('ascending', 'descending', 'Descending')),
      attributes: fc.option(projection(path), { nil: undefined, freq: 1 }),
      excludedAttributes: fc.option(projection(path), { nil: undefined, freq: 1 }),
      count: option(fc.oneof(fc.integer({ min: -1, max: 5 }), fc.constantFrom(2 ** 31, 2 ** 53, 2 ** 63))),
      from: option(
        fc.oneof(
          fc
            .oneof(fc.integer({ min: -1, max: 9 }), fc.constantFrom(2 ** 31, 2 ** 53, 2 ** 63, 1e21))
            .map((startIndex) => ({ startIndex })),
          fc.constantFrom<Json>({ cursor: '' }, { cursor: '' }, { cursor: '@c0@' }),
        ),
      ),
    })
    .map(({ from, ...more }) => ({ ...solid(more), ...from }));
};
