import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Observed, PersonState, RemoteTriggers } from '../../../src/access/ports/controller.ts';
import { NAMED, residueOf } from '../../../src/sync/leavers/residue.ts';

const NOTHING: PersonState = {
  ...{ id: 'ana', tokens: [], sshKeys: 0, sshSessions: 0, password: false, credentials: 0 },
  ...{ runningBuilds: 0, queuedBuilds: 0, entries: [] },
};
const entry = (role: string, id = 'ana') => ({ type: 'item' as const, role, principal: { type: 'user' as const, id } });
const token = (uuid: string) => ({ uuid, name: 'of ana', legacy: false });

function observedWith(groups: readonly string[]): Observed {
  const role = { type: 'item', name: 'qa', permissions: [], pattern: '.*' };
  return { roles: [{ ...role, entries: groups.map((id) => ({ type: 'group', id })) }] } as unknown as Observed;
}
const NO_ROLES = observedWith([]);

test('nothing is left of somebody who has nothing', () => {
  assert.deepEqual(residueOf(NOTHING, NO_ROLES, undefined, 'leaver'), { texts: [], names: [] });
});

test('what is left is told by kind and id, without a value of the person', () => {
  const after = {
    ...{ ...NOTHING, tokens: [token('u-1'), token('u-2')], sshKeys: 2, sshSessions: 1, entries: [entry('hand')] },
    ...{ runningBuilds: 3, queuedBuilds: 1, credentials: 1 },
  };
  const triggers: RemoteTriggers = { jobs: ['pay/api'], count: 1, whole: false };
  const { names, texts } = residueOf(after, observedWith(['devs']), triggers, 'leaver');
  assert.deepEqual(names, [
    'apiToken:u-1',
    'apiToken:u-2',
    'sshKeys:2',
    'sshSessions:1',
    'entry:item:hand',
    'runningBuilds:3',
    'queuedBuilds:1',
    'credentials:1',
    'groupEntry:item:qa:devs',
    'remoteTrigger:pay/api',
    'remoteTriggers:unseen',
  ]);
  assert.deepEqual(texts.slice(0, 5), [
    'API token u-1',
    'API token u-2',
    '2 SSH key(s)',
    '1 open SSH or CLI session(s)',
    'entry in item role hand',
  ]);
  assert.ok(![...names, ...texts].some((text) => /\bana\b/.test(text)));
});

test('EITHER entries are told of as GROUP entries are, for a realm may match them with a group; by role, for they may name people', () => {
  const entries = ['Ana', 'devs', 'ben'].map((id) => ({ type: 'either', id }));
  const role = { type: 'item', name: 'qa', permissions: [], pattern: '.*', entries };
  const own = { ...role, name: 'own', entries: entries.slice(0, 1) };
  const { names, texts } = residueOf(NOTHING, { roles: [role, own] } as unknown as Observed, undefined, 'leaver');
  assert.deepEqual(names, ['eitherEntries:item:qa:2']);
  assert.deepEqual(texts, [
    '2 EITHER entries in item role qa, if one names a group that the realm still puts the person in',
  ]);
});

test('of an active person without a grant, tokens, keys, sessions and entries are their own', () => {
  const after = {
    ...NOTHING,
    tokens: [token('u-1')],
    sshKeys: 1,
    sshSessions: 1,
    entries: [entry('hand')],
    queuedBuilds: 1,
  };
  assert.deepEqual(residueOf(after, NO_ROLES, undefined, 'unentitled').names, ['queuedBuilds:1']);
  assert.equal(residueOf(after, NO_ROLES, undefined, 'old-id').names.length, 5);
});

test('twenty are named and the rest is counted; remote triggers count what was not listed, too', () => {
  const tokens = Array.from({ length: 30 }, (_, n) => token(`u-${n}`));
  const { names, texts } = residueOf({ ...NOTHING, tokens }, NO_ROLES, undefined, 'leaver');
  assert.equal(names.length, NAMED + 1);
  assert.equal(names.at(-1), 'and 10 more');
  assert.deepEqual(texts.slice(9), ['API token u-9', '20 more API tokens']);
  const triggers = { jobs: ['a', 'b'], count: 1_000, whole: true };
  assert.deepEqual(residueOf(NOTHING, NO_ROLES, triggers, 'leaver').names, [
    'remoteTrigger:a',
    'remoteTrigger:b',
    'and 998 more',
  ]);
});

test('however much is left, the record is bounded and accounts for all of it', () => {
  const few = fc.nat({ max: 40 });
  const counts = fc.record({
    tokens: few,
    entries: few,
    groups: few,
    jobs: few,
    unlisted: few,
    keys: few,
    builds: few,
  });
  fc.assert(
    fc.property(counts, ({ tokens, entries, groups, jobs, unlisted, keys, builds }) => {
      const after = {
        ...{ ...NOTHING, sshKeys: keys, runningBuilds: builds },
        tokens: Array.from({ length: tokens }, (_, n) => token(`u-${n}`)),
        entries: Array.from({ length: entries }, (_, n) => entry(`r-${n}`)),
      };
      const observed = observedWith(Array.from({ length: groups }, (_, n) => `g-${n}`));
      const known = Array.from({ length: jobs }, (_, n) => `j-${n}`);
      const triggers = { jobs: known, count: jobs + unlisted, whole: true };
      const { names, texts } = residueOf(after, observed, triggers, 'leaver');
      const all = tokens + entries + groups + jobs + unlisted + Number(keys > 0) + Number(builds > 0);
      const more = /^and (\d+) more$/.exec(names.at(-1) ?? '')?.[1];
      const named = more === undefined ? names.length : names.length - 1;
      assert.equal(named + Number(more ?? 0), all);
      assert.ok(named <= NAMED);
      if (unlisted === 0) assert.equal(named, Math.min(all, NAMED));
      assert.equal(new Set(names).size, names.length);
      assert.ok(texts.length <= 4 * 11 + 2);
      assert.equal(texts.length === 0, all === 0);
    }),
  );
});
