import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effortOf } from '../../src/directory/search/effort.ts';
import { DIALECTS } from '../../src/scim/profiles/dialects.ts';
import type { ResourceType } from '../../src/scim/resource.ts';
import { STANDARD } from '../../src/scim/schemas/catalogue.ts';
import { forType, readQueryString } from '../../src/scim/search.ts';
import { crowd, OKTA, openBench } from './open.ts';

const LIMITS = { body: 1e6, jsonDepth: 32, filterLength: 4096, filterDepth: 32 };
const queryOf = (type: ResourceType, asked: Record<string, string>) =>
  forType(readQueryString(asked), type, { ...DIALECTS.rfc, catalogue: STANDARD, note: () => {} }, LIMITS).query;
const effort = (filter: string, type: ResourceType = 'User') => effortOf(type, queryOf(type, { filter }));

test('what identity providers ask before every change looks at a few rows', () => {
  for (const filter of [
    'userName eq "ana"',
    'externalId eq "1"',
    'id eq "x"',
    'emails.value eq "a@b.c"',
    'emails[type eq "work" and value eq "a@b.c"]',
    'userName eq "ana" and active eq true',
    'userName eq "ana" or externalId eq "1"',
  ])
    assert.equal(effort(filter), 'few', filter);
  for (const filter of ['displayName eq "dev"', 'members.value eq "x"', 'id eq "g" and members.value eq "x"'])
    assert.equal(effort(filter, 'Group'), 'few', filter);
  for (const asked of [{}, { sortBy: 'userName' }, { startIndex: '90000' }] as Record<string, string>[])
    assert.equal(effortOf('User', queryOf('User', asked)), 'few');
});

test('a range of an index looks at what it matches, everything else at all', () => {
  for (const filter of ['userName sw "a"', 'meta.lastModified gt "2026-01-01T00:00:00Z"', 'groups.value eq "g"'])
    assert.equal(effort(filter), 'matches', filter);
  for (const filter of [
    'userName co "a"',
    'userName sw "ΑΣ"',
    'userName ne "a"',
    'title eq "x"',
    'name.familyName sw "x"',
    'not (userName eq "ana")',
    'userName eq "ana" or title eq "x"',
    'meta.created gt "1970-01-01T00:00:00Z" and title co "x"',
    'emails[type eq "work"]',
    'phoneNumbers.value eq "1"',
  ])
    assert.equal(effort(filter), 'all', filter);
  assert.equal(effortOf('User', queryOf('User', { sortBy: 'title' })), 'all');
});

test('a page tells how much was looked through', async (t) => {
  const bench = await openBench(t);
  await crowd(bench, 3_000);
  const looked = async (asked: Record<string, string>) =>
    (await bench.directory.users(OKTA.connection, queryOf('User', asked))).looked;
  assert.equal(await looked({ filter: 'userName eq "crowd7"' }), undefined);
  assert.equal(await looked({ count: '10' }), undefined);
  assert.equal(await looked({ filter: 'userName sw "crowd1"', count: '10' }), 1_111);
  assert.equal(await looked({ filter: 'title eq "x"' }), 3_000);
  assert.equal(await looked({ sortBy: 'title', count: '10' }), 3_000);
});
