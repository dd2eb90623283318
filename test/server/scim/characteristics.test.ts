import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extensions } from '../../../src/config/extension.ts';
import { configuredCatalogue } from '../../../src/scim/schemas/configured.ts';
import { type Answer, type Client, G, type Json, P, scimWorld, U } from './world.ts';

const X = 'urn:example:scim:traits:2.0:User';
const T = 'urn:example:scim:traits:2.0:Group';

/** One attribute for each characteristic of RFC 7643 §7. */
const CATALOGUE = configuredCatalogue(
  extensions.parse({
    [X]: {
      attributes: {
        plain: {},
        exact: { caseExact: true },
        once: { mutability: 'immutable' },
        onceExact: { mutability: 'immutable', caseExact: true },
        onceList: { mutability: 'immutable', multiValued: true },
        given: { mutability: 'readOnly' },
        secret: { mutability: 'writeOnly' },
        shown: { returned: 'always' },
        hidden: { returned: 'never' },
        asked: { returned: 'request' },
        badge: { uniqueness: 'server' },
        badgeExact: { uniqueness: 'server', caseExact: true },
        cards: { uniqueness: 'server', multiValued: true },
        number: { uniqueness: 'server', type: 'integer' },
        vault: { type: 'complex', returned: 'never', attributes: { value: {}, door: {} } },
        desk: {
          type: 'complex',
          attributes: {
            room: {},
            seat: { mutability: 'immutable' },
            pin: { mutability: 'writeOnly' },
            key: { returned: 'always' },
            plan: { returned: 'request' },
            alarm: { returned: 'never' },
          },
        },
        skills: {
          type: 'complex',
          multiValued: true,
          attributes: {
            value: {},
            code: { caseExact: true, mutability: 'immutable' },
            since: { mutability: 'readOnly' },
            proof: { returned: 'request' },
          },
        },
      },
    },
    [T]: { resource: 'Group', attributes: { once: { mutability: 'immutable' }, code: { uniqueness: 'server' } } },
  }),
);

const DESK = { room: 'A', seat: '1', pin: '0000', key: 'K', plan: 'P', alarm: 'off' };

async function stage(t: Parameters<typeof scimWorld>[0]) {
  const world = await scimWorld(t, {}, CATALOGUE);
  const client = world.as('rfc');
  let made = 0;
  const user = async (traits: object, as: Client = client): Promise<string> => {
    const answer = await as.post('/Users', { schemas: [U, X], userName: `user-${made++}`, [X]: traits });
    assert.equal(answer.status, 201, answer.text);
    return answer.body.id;
  };
  const traits = async (id: string, query = ''): Promise<Json> =>
    (await client.get(`/Users/${id}${query}`)).body[X] ?? {};
  const put = (id: string, value: object) =>
    client.put(`/Users/${id}`, { schemas: [U, X], userName: `put-${id}`, [X]: value });
  const patch = (id: string, op: string, path: string, value?: unknown) =>
    client.patch(`/Users/${id}`, [{ op, path: path === '' ? undefined : `${X}:${path}`, value }]);
  const found = async (filter: string): Promise<Answer> => client.get(`/Users?filter=${encodeURIComponent(filter)}`);
  return { world, client, user, traits, put, patch, found };
}

function refused(answer: Answer, status: number, scimType?: string): void {
  assert.deepEqual([answer.status, answer.body?.scimType], [status, scimType], answer.text);
}

test('characteristics are published as they are configured', async (t) => {
  const { client } = await stage(t);
  const { attributes } = (await client.get(`/Schemas/${X}`)).body;
  const of = (name: string): Json => attributes.find((item: Json) => item.name === name);
  assert.deepEqual(
    ['exact', 'once', 'given', 'secret', 'shown', 'asked', 'badge'].map((name) => {
      const { caseExact, mutability, returned, uniqueness } = of(name);
      return [name, caseExact, mutability, returned, uniqueness];
    }),
    [
      ['exact', true, 'readWrite', 'default', 'none'],
      ['once', false, 'immutable', 'default', 'none'],
      ['given', false, 'readOnly', 'default', 'none'],
      ['secret', false, 'writeOnly', 'never', 'none'],
      ['shown', false, 'readWrite', 'always', 'none'],
      ['asked', false, 'readWrite', 'request', 'none'],
      ['badge', false, 'readWrite', 'default', 'server'],
    ],
  );
  const subs = of('desk').subAttributes.map(({ name, mutability, returned }: Json) => [name, mutability, returned]);
  assert.deepEqual(subs, [
    ['room', 'readWrite', 'default'],
    ['seat', 'immutable', 'default'],
    ['pin', 'writeOnly', 'never'],
    ['key', 'readWrite', 'always'],
    ['plan', 'readWrite', 'request'],
    ['alarm', 'readWrite', 'never'],
  ]);
});

test('caseExact decides filters, value paths of PATCH and the order of lists', async (t) => {
  const { client, user, patch, traits, found } = await stage(t);
  const ids = [
    await user({ plain: 'b', exact: 'b' }),
    await user({ plain: 'A', exact: 'A' }),
    await user({ plain: 'a', exact: 'a' }),
  ];
  const total = async (filter: string): Promise<number> => (await found(filter)).body.totalResults;
  assert.deepEqual(
    [
      await total(`${X}:plain eq "A"`),
      await total(`${X}:exact eq "A"`),
      await total(`${X}:plain co "A"`),
      await total(`${X}:exact sw "A"`),
    ],
    [2, 1, 2, 1],
  );
  const order = async (name: string): Promise<string[]> => {
    const { body } = await client.get(`/Users?filter=${encodeURIComponent(`${X}:plain pr`)}&sortBy=${X}:${name}`);
    return body.Resources.map((item: Json) => item[X][name]);
  };
  assert.deepEqual(await order('exact'), ['A', 'a', 'b']);
  assert.deepEqual(
    (await order('plain')).map((text) => text.toLowerCase()),
    ['a', 'a', 'b'],
  );
  await patch(ids[0]!, 'add', 'skills', [{ value: 'x', code: 'c' }]);
  refused(await patch(ids[0]!, 'replace', 'skills[code eq "C"].value', 'y'), 400, 'noTarget');
  assert.equal((await patch(ids[0]!, 'replace', 'skills[value eq "X"].value', 'y')).status, 200);
  assert.deepEqual((await traits(ids[0]!)).skills, [{ value: 'y', code: 'c' }]);
});

test('immutable: set once by POST, PUT or PATCH; then only the same value again', async (t) => {
  const { user, put, patch, traits } = await stage(t);
  const id = await user({ once: 'One', onceExact: 'E', onceList: ['a', 'b'] });
  for (const value of [{ once: 'two' }, { onceExact: 'e' }, { onceList: ['a'] }]) {
    refused(await put(id, value), 400, 'mutability');
    refused(await patch(id, 'replace', Object.keys(value)[0]!, Object.values(value)[0]), 400, 'mutability');
  }
  refused(await patch(id, 'remove', 'once'), 400, 'mutability');
  refused(await patch(id, 'remove', 'onceList[value eq "a"]'), 400, 'invalidPath');
  refused(await patch(id, 'add', 'onceList', ['c']), 400, 'mutability');
  assert.equal((await put(id, { once: 'ONE', onceList: ['b', 'A'], plain: 'x' })).status, 200);
  assert.equal((await patch(id, 'replace', 'once', 'one')).status, 200);
  assert.equal((await put(id, { plain: 'y' })).status, 200, 'left out is kept');
  assert.deepEqual(await traits(id), { plain: 'y', once: 'One', onceExact: 'E', onceList: ['a', 'b'] });
  const later = await user({ plain: 'x' });
  assert.equal((await patch(later, 'add', 'once', 'first')).status, 200);
  refused(await patch(later, 'add', 'once', 'second'), 400, 'mutability');
  const last = await user({ plain: 'x' });
  assert.equal((await put(last, { once: 'first' })).status, 200);
  assert.equal((await traits(last)).once, 'first');
});

test('an immutable sub-attribute stays in its value; the value as a whole can go', async (t) => {
  const { user, put, patch, traits } = await stage(t);
  const id = await user({ desk: DESK, skills: [{ value: 'Java', code: 'J' }] });
  refused(await patch(id, 'replace', 'desk.seat', '2'), 400, 'mutability');
  refused(await patch(id, 'replace', 'desk', { seat: '2' }), 400, 'mutability');
  refused(await patch(id, 'remove', 'desk.seat'), 400, 'mutability');
  refused(await put(id, { desk: { seat: '2' } }), 400, 'mutability');
  refused(await patch(id, 'replace', 'skills[value eq "Java"].code', 'K'), 400, 'mutability');
  refused(await patch(id, 'remove', 'skills[value eq "Java"].code'), 400, 'mutability');
  assert.equal((await patch(id, 'replace', 'desk.room', 'B')).status, 200);
  assert.deepEqual([(await traits(id)).desk.room, (await traits(id)).desk.seat], ['B', '1']);
  assert.equal((await patch(id, 'remove', 'skills[value eq "Java"]')).status, 200);
  assert.equal((await patch(id, 'add', 'skills', [{ value: 'Java', code: 'K' }])).status, 200);
  assert.deepEqual((await traits(id)).skills, [{ value: 'Java', code: 'K' }]);
  assert.equal((await patch(id, 'remove', 'desk')).status, 200);
});

test('readOnly: ignored in a body, refused as a path', async (t) => {
  const { user, put, patch, traits } = await stage(t);
  const id = await user({ given: 'x', plain: 'p', skills: [{ value: 'v', since: 'x' }] });
  assert.equal((await put(id, { given: 'x', plain: 'p' })).status, 200);
  refused(await patch(id, 'replace', 'given', 'x'), 400, 'mutability');
  refused(await patch(id, 'add', 'skills.since', 'x'), 400, 'mutability');
  assert.deepEqual(await traits(id), { plain: 'p' });
});

test('writeOnly: accepted, not stored, never returned, not filtered or sorted by', async (t) => {
  const { world, client, user, put, patch, traits, found } = await stage(t);
  const id = await user({ plain: 'p', secret: 'canary-1', desk: { room: 'A', pin: 'canary-2' } });
  assert.equal((await put(id, { plain: 'p', secret: 'canary-3', desk: { room: 'A' } })).status, 200);
  assert.equal((await patch(id, 'replace', 'secret', 'canary-4')).status, 200);
  assert.equal((await patch(id, 'replace', 'desk.pin', 'canary-5')).status, 200);
  assert.deepEqual(await traits(id, `?attributes=${X}:secret,${X}:plain,${X}:desk.pin`), { plain: 'p' });
  refused(await found(`${X}:secret pr`), 400, 'invalidFilter');
  refused(await client.get(`/Users?sortBy=${X}:secret`), 400, 'invalidPath');
  const rows = await world.store.read((db) => db.selectFrom('users').select('document').execute());
  assert.doesNotMatch(JSON.stringify(rows), /canary/);
});

test('returned: always, never, default and on request, at both levels', async (t) => {
  const { client, user, traits } = await stage(t);
  const all = { plain: 'p', shown: 's', hidden: 'h', asked: 'a', vault: { value: 'v', door: 'd' } };
  const id = await user({ ...all, desk: DESK });
  const desk = { room: 'A', seat: '1', key: 'K' };
  for (const [query, wanted] of [
    ['', { plain: 'p', shown: 's', desk }],
    ['?attributes=userName', { shown: 's' }],
    [`?attributes=${X}:plain`, { plain: 'p', shown: 's' }],
    [`?attributes=${X}:asked`, { asked: 'a', shown: 's' }],
    [`?attributes=${X}:hidden,${X}:vault,${X}:vault.door`, { shown: 's' }],
    [`?attributes=${X}:desk`, { shown: 's', desk }],
    [`?attributes=${X}:desk.room`, { shown: 's', desk: { room: 'A', key: 'K' } }],
    [`?attributes=${X}:desk.plan,${X}:desk.alarm`, { shown: 's', desk: { key: 'K', plan: 'P' } }],
    [`?attributes=${X}:desk,${X}:desk.plan`, { shown: 's', desk: { ...desk, plan: 'P' } }],
    [`?excludedAttributes=${X}:plain,${X}:shown`, { shown: 's', desk }],
    [`?excludedAttributes=${X}:desk.room,${X}:desk.key`, { plain: 'p', shown: 's', desk: { seat: '1', key: 'K' } }],
    [`?excludedAttributes=${X}:desk`, { plain: 'p', shown: 's' }],
  ] as const)
    assert.deepEqual(await traits(id, query), wanted, query);
  const list = await client.get(`/Users?filter=${encodeURIComponent(`id eq "${id}"`)}&attributes=${X}:asked`);
  assert.deepEqual(list.body.Resources[0][X], { asked: 'a', shown: 's' });
});

test('what is never returned cannot be found out by a filter, a value path or an order', async (t) => {
  const { client, user, found } = await stage(t);
  await user({ hidden: 'h', vault: { value: 'v', door: 'd' }, desk: DESK });
  for (const filter of [
    'hidden eq "h"',
    'hidden pr',
    'vault eq "v"',
    'vault.door sw "d"',
    'vault pr',
    'vault[door eq "d"]',
    'desk.alarm eq "off"',
    'desk[alarm pr]',
  ])
    refused(await found(`${X}:${filter}`), 400, 'invalidFilter');
  for (const path of ['hidden', 'vault', 'vault.door', 'desk.alarm'])
    refused(await client.get(`/Users?sortBy=${X}:${path}`), 400, 'invalidPath');
});

test('uniqueness server: a value belongs to one resource of the connection, by caseExact, on create, PUT and PATCH', async (t) => {
  const { world, client, user, put, patch } = await stage(t);
  const first = await user({ badge: 'B-1', badgeExact: 'X', cards: ['c1', 'c2'], number: 7 });
  const other = await user({ badge: 'B-2' });
  const post = (value: object) => client.post('/Users', { schemas: [U, X], userName: 'new', [X]: value });
  for (const value of [{ badge: 'b-1' }, { badgeExact: 'X' }, { cards: ['c9', 'C2'] }, { number: 7 }]) {
    const [name, sent] = Object.entries(value)[0]!;
    refused(await post(value), 409, 'uniqueness');
    refused(await put(other, value), 409, 'uniqueness');
    refused(await patch(other, 'replace', name, sent), 409, 'uniqueness');
  }
  assert.equal((await post({ badgeExact: 'x', number: 8 })).status, 201);
  assert.equal((await put(first, { badge: 'b-1', cards: ['c2', 'c3'] })).status, 200, 'its own values are its own');
  assert.equal((await patch(other, 'add', 'cards', ['c1'])).status, 200, 'a value that was given up is free');
  await user({ badge: 'B-1' }, world.as('okta'));
});

test('in Bulk the order of the request says who has a unique value', async (t) => {
  const { client, user } = await stage(t);
  const ids = [await user({ badge: 'B-1' }), await user({ badge: 'B-2' })] as const;
  const patch = (id: string, data: object) => ({
    method: 'PATCH',
    path: `/Users/${id}`,
    data: { schemas: [P], ...data },
  });
  const badge = (id: string, path: string, value: unknown) =>
    patch(id, { Operations: [{ op: 'replace', path, value }] });
  const post = (userName: string, value: string) => ({
    method: 'POST',
    path: '/Users',
    bulkId: userName,
    data: { schemas: [U, X], userName, [X]: { badge: value } },
  });
  const Operations = [
    badge(ids[0], `${X}:badge`, 'B-3'),
    post('second', 'b-3'),
    patch(ids[1], { Operations: [{ op: 'replace', value: { [X]: { BADGE: 'B-4' } } }] }),
    post('fourth', 'B-4'),
    post('fifth', 'B-5'),
    badge(ids[0], X, { badge: 'B-5' }),
    post('seventh', 'B-5'),
  ];
  const urn = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
  const { body } = await client.post('/Bulk', { schemas: [urn], Operations });
  assert.deepEqual(
    body.Operations.map(({ status }: { status: string }) => status),
    ['200', '409', '200', '409', '201', '409', '409'],
  );
});

test('groups have characteristics, too', async (t) => {
  const { client } = await stage(t);
  const post = (displayName: string, value: object) =>
    client.post('/Groups', { schemas: [G, T], displayName, [T]: value });
  const { id } = (await post('a', { once: 'x', code: '1' })).body;
  const path = `/Groups/${id}`;
  refused(await post('b', { code: '1' }), 409, 'uniqueness');
  refused(await client.put(path, { schemas: [G, T], displayName: 'a', [T]: { once: 'y' } }), 400, 'mutability');
  refused(await client.patch(path, [{ op: 'replace', path: `${T}:once`, value: 'y' }]), 400, 'mutability');
  assert.equal((await client.put(path, { schemas: [G], displayName: 'a2' })).status, 200);
  const after = (await client.get(path)).body;
  assert.deepEqual([after.displayName, after[T]], ['a2', { once: 'x' }]);
});
