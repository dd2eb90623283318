import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Witness } from '../../../src/ledger/witness.ts';
import { insideLast } from '../../../src/sync/held/insideLast.ts';
import { KeptOut } from '../../../src/sync/held/keptOut.ts';
import { inOneTurn } from '../../../src/sync/state/reading.ts';
import { openTestStore } from '../../store/open.ts';

const AT = '2026-11-01T00:00:00.000Z';
/** Members by group; names that begin with `g` are groups. */
type Members = Readonly<Record<string, readonly string[]>>;

async function world(t: TestContext, { recorded = {}, stored = {} }: { recorded?: Members; stored?: Members }) {
  const store = await openTestStore(t);
  const isGroup = (id: string): boolean => id.startsWith('g');
  const groups = new Set([recorded, stored].flatMap((all) => [...Object.keys(all), ...Object.values(all).flat()]));
  await store.write(async ({ db }) => {
    for (const id of groups)
      await db
        .insertInto('ledger')
        .values({
          ...{ uid: id, at: AT, kind: 'x', request: 'r', actor: null, subject_kind: isGroup(id) ? 'group' : 'user' },
          ...{ subject_id: id, body: '{}', digests: '{}', proof: '', seq: null, previous: null, hash: null, mac: null },
        })
        .execute();
    for (const id of groups)
      if (isGroup(id))
        await db
          .insertInto('groups')
          .values({
            ...{ id, connection: 'okta', display_name: id, display_name_key: id, external_id: null, document: '{}' },
            ...{ created_at: AT, modified_at: AT, version: 1, member_count: 0 },
          })
          .execute();
    for (const [group_id, members] of Object.entries(stored))
      for (const member_id of members)
        await db
          .insertInto('members')
          .values({
            ...{ group_id, member_id, kind: isGroup(member_id) ? 'Group' : 'User', since: AT },
            ...{ request: 'r', credential: 'c' },
          })
          .execute();
  });
  let asked: string[] = [];
  const members = async (_db: unknown, group: string) => {
    asked.push(group);
    return new Set(recorded[group] ?? []);
  };
  const witness = { lastMembers: members, members } as unknown as Witness;
  return {
    /** Groups whose records were read since this was asked last. */
    asked: () => asked.splice(0).sort(),
    inside: async (group: string, people: readonly string[]) =>
      [...(await store.read((db) => insideLast(db, witness, group, new Set(people), inOneTurn)))].sort(),
    keptOut: (...pairs: readonly (readonly [string, string])[]) =>
      store.read(async (db) => {
        asked = [];
        const kept = new KeptOut(db, witness, inOneTurn);
        const found: boolean[] = [];
        for (const [person, group] of pairs) found.push(await kept.is(person, group));
        return found;
      }),
  };
}

test('who was in a group that is gone was in it by records, by way of groups in groups, also where they go in a circle', async (t) => {
  const recorded = { g: ['ana', 'g1'], g1: ['bo', 'g2', 'g'], g2: ['cy', 'g1'], g9: ['dee'] };
  const { inside, asked } = await world(t, { recorded });
  assert.deepEqual(await inside('g', ['ana', 'bo', 'cy', 'dee']), ['ana', 'bo', 'cy']);
  assert.deepEqual(asked(), ['g', 'g1', 'g2']);
  assert.deepEqual(await inside('g', ['ana']), ['ana']);
  assert.deepEqual(asked(), ['g'], 'no more is read than there are people to be found');
  assert.deepEqual(await inside('g', []), []);
  assert.deepEqual(asked(), []);
});

test('somebody is kept out of a group where no record has them in it, nor in a group that leads there, by records or as it is stored', async (t) => {
  const recorded = { g: ['ana', 'g1'], g1: ['bo', 'g2'], g2: ['g3', 'g'], g4: ['cy'], g6: ['g7'], g8: ['hal'] };
  const stored = { g: ['g4'], g3: ['dee', 'gup'], gup: ['eve'], g5: ['fay'], g4: ['g5'] };
  const { keptOut, asked } = await world(t, { recorded, stored });
  const people = ['ana', 'bo', 'cy', 'dee', 'zoe', 'hal'] as const;
  assert.deepEqual(await keptOut(...people.map((person) => [person, 'g'] as const)), [
    ...[false, false, false, false, true, true],
  ]);
  assert.deepEqual(asked(), ['g', 'g1', 'g2', 'g3', 'g4', 'g5'], 'of no group that leads elsewhere, and of no person');
  assert.deepEqual(await keptOut(['g7', 'g6'], ['gil', 'g6']), [false, true]);
});

test('that a group is in itself has nobody of it inside', async (t) => {
  const { keptOut } = await world(t, { recorded: { g: ['g'] }, stored: { g: ['ana'] } });
  assert.deepEqual(await keptOut(['ana', 'g']), [true]);
});

test('each group’s records are read once, however many are asked about', async (t) => {
  const { keptOut, asked } = await world(t, { recorded: { g: ['g1'], g1: ['ana'] } });
  assert.deepEqual(await keptOut(['ana', 'g'], ['bo', 'g'], ['bo', 'g1']), [false, true, true]);
  assert.deepEqual(asked(), ['g', 'g1']);
});
