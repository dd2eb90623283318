import fc from 'fast-check';
import { extensions } from '../../../src/config/extension.ts';
import { configuredCatalogue } from '../../../src/scim/schemas/configured.ts';
import { EXTENSION, X as F } from '../../fuzz/corpus.ts';
import { EVERY, person, X } from '../../server/scim/searchModel.ts';
import { E, G, type Json, U } from '../../server/scim/world.ts';
import { line, moment, number, option, solid, text, value } from './values.ts';

export const TEAM = 'urn:example:team:2.0:Group';

/** Extensions with attributes of every type and of every characteristic, of people and of groups. */
export const CATALOGUE = configuredCatalogue(
  extensions.parse({
    ...EVERY,
    ...EXTENSION,
    [TEAM]: { resource: 'Group', attributes: { area: {}, rank: { type: 'decimal' }, tags: { multiValued: true } } },
  }),
);

/** Names that some people have already, and others. */
const name = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .tuple(line, fc.integer({ min: 0, max: 30 }))
      .map(([given, n]) => `${given.slice(0, 300).toWellFormed()}${n}`),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'ana',
      'ANA',
      'Straße',
      'strasse',
      'ΣΑΣ',
      'σας',
      'bo',
      'ci-dev',
      'CI-DEV',
      'é',
      'e\u0301',
    ),
  },
  { weight: 1, arbitrary: text },
);
export const strange = fc
  .record({
    title: option(value),
    nickName: option(text),
    displayName: option(fc.oneof(line, line, line, text)),
    externalId: option(fc.oneof(line, line, line, text)),
    active: option(fc.constantFrom<Json>(true, false, 'False', null)),
    emails: option(
      fc.array(fc.record({ value: text, type: option(text), primary: option(fc.boolean()) }).map(solid), {
        maxLength: 3,
      }),
    ),
    roles: option(fc.array(fc.record({ value: text, display: option(text) }).map(solid), { maxLength: 3 })),
    [X]: option(
      fc
        .record({
          whole: option(number),
          fraction: option(number),
          fractions: option(fc.array(number, { maxLength: 3 })),
          moment: option(moment),
          word: option(text),
          words: option(fc.array(text, { maxLength: 3 })),
        })
        .map(solid),
    ),
    [F]: option(
      fc
        .record({
          plain: option(text),
          once: option(text),
          secret: option(text),
          badge: option(fc.array(fc.constantFrom('1', 'q', 'Q', 'ß'), { maxLength: 2 })),
          level: option(number),
          desk: option(fc.record({ room: option(text), seat: option(text), plan: option(text) }).map(solid)),
        })
        .map(solid),
    ),
    [E]: option(fc.record({ department: option(text), manager: option(fc.record({ value: value })) }).map(solid)),
  })
  .map(solid);
export const someone = fc
  .tuple(name, fc.oneof(person, strange))
  .map(([userName, more]) => ({ schemas: [U, E, X, F], userName, ...more }));
export const who = fc.constantFrom('@u0@', '@u1@', '@u2@', '@u3@', '@u4@', '@g0@', '@g1@', '@g2@');
export const members = fc.array(fc.record({ value: who, display: option(text) }).map(solid), { maxLength: 5 });
export const team = fc
  .record({
    displayName: name,
    externalId: option(fc.oneof(line, line, line, text)),
    members: option(members),
    [TEAM]: option(
      fc
        .record({ area: option(text), rank: option(number), tags: option(fc.array(text, { maxLength: 3 })) })
        .map(solid),
    ),
  })
  .map((more) => ({ schemas: [G, TEAM], ...solid(more) }));
