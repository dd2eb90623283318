import assert from 'node:assert/strict';
import { createFactsReader } from '../../../src/directory/facts/factsReader.ts';
import type { DirectoryModel } from './directoryModel.ts';
import { X } from './modelWorld.ts';
import type { Json, ScimWorld } from './world.ts';

/** What is stored beside the documents is what follows from them; `gone` are who was deleted. */
export async function recount(
  world: ScimWorld,
  model: DirectoryModel,
  gone: readonly string[],
  about: string,
): Promise<void> {
  const stored = await world.store.read(async (db) => ({
    counters: await db.selectFrom('counters').selectAll().where('name', 'like', '%:rfc').execute(),
    emails: await db
      .selectFrom('user_emails')
      .innerJoin('users', 'users.id', 'user_emails.user_id')
      .select(['user_id', 'value'])
      .where('connection', '=', 'rfc')
      .execute(),
    roles: await db
      .selectFrom('user_roles')
      .innerJoin('users', 'users.id', 'user_roles.user_id')
      .select(['user_id', 'value'])
      .where('connection', '=', 'rfc')
      .execute(),
    edges: await db
      .selectFrom('members')
      .innerJoin('groups', 'groups.id', 'members.group_id')
      .select(['group_id', 'member_id'])
      .where('connection', '=', 'rfc')
      .execute(),
    loose: await db
      .selectFrom('members')
      .leftJoin('groups', 'groups.id', 'members.group_id')
      .select('member_id')
      .where('groups.id', 'is', null)
      .execute(),
    groups: await db.selectFrom('groups').select(['id', 'member_count']).where('connection', '=', 'rfc').execute(),
    unique: await db.selectFrom('unique_values').select('resource').where('connection', '=', 'rfc').execute(),
    tombs: await db.selectFrom('tombstones').select('id').where('connection', '=', 'rfc').execute(),
    facts: await createFactsReader().everyone(db, async () => {}),
  }));
  const counter = (name: string): number => stored.counters.find((row) => row.name === `${name}:rfc`)?.value ?? 0;
  const teams = [...model.all].flatMap(([id, one]) => (one.kind === 'group' ? [{ id, ...one }] : []));
  const people = [...model.all].flatMap(([id, one]) => (one.kind === 'user' ? [{ id, ...one }] : []));
  const edges = teams.flatMap(({ id, members }) => [...members].map((member) => `${id} ${member}`)).sort();
  assert.deepEqual(
    [counter('users'), counter('groups'), counter('edges')],
    [people.length, teams.length, edges.length],
    about,
  );
  assert.deepEqual(stored.edges.map((edge) => `${edge.group_id} ${edge.member_id}`).sort(), edges, about);
  assert.deepEqual(stored.loose, [], about);
  assert.deepEqual(
    new Map(stored.groups.map((row) => [row.id, row.member_count])),
    new Map(teams.map(({ id, members }) => [id, members.size])),
    about,
  );
  const owned = (name: string) =>
    people
      .flatMap(({ id, doc }) =>
        (doc[name] ?? []).filter((item: Json) => item.value !== undefined).map((item: Json) => `${id} ${item.value}`),
      )
      .sort();
  assert.deepEqual(stored.emails.map((row) => `${row.user_id} ${row.value}`).sort(), owned('emails'), about);
  assert.deepEqual(stored.roles.map((row) => `${row.user_id} ${row.value}`).sort(), owned('roles'), about);
  const values = people
    .flatMap(({ id, doc }) =>
      [
        ...(doc[X]?.badge === undefined ? [] : [id]),
        ...new Set<string>((doc[X]?.tags ?? []).map((tag: string) => tag.toLowerCase())),
      ].map(() => id),
    )
    .sort();
  assert.deepEqual(stored.unique.map((row) => row.resource).sort(), values, about);
  const mine = new Set(gone);
  assert.deepEqual(
    stored.tombs
      .map(({ id }) => id)
      .filter((id) => mine.has(id))
      .sort(),
    [...mine].sort(),
    about,
  );
  const facts = new Map(stored.facts.people.map((one) => [one.id, one]));
  for (const { id, doc } of people) {
    const fact = facts.get(id)!;
    assert.deepEqual(
      [fact.userName, fact.active, fact.displayName],
      [doc.userName, doc.active === true, doc.displayName],
      about,
    );
    const emails: Json[] = (doc.emails ?? []).filter((item: Json) => item.value !== undefined);
    assert.equal(fact.email, (emails.find((item) => item.primary === true) ?? emails[0])?.value, about);
    const above = new Set<string>();
    const climb = (list: readonly { group: string }[]): void => {
      for (const { group } of list)
        if (!above.has(group)) {
          above.add(group);
          climb(stored.facts.groups.get(group)!.parents);
        }
    };
    climb(fact.groups);
    assert.deepEqual([...above].sort(), [...model.groupsOf(id).keys()].sort(), about);
  }
}
