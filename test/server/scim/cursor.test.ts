import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Answer, type Client, E, type Json, scimWorld, U } from './world.ts';

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const EVERY = ['okta', 'entra', 'generic', 'rfc', 'interop'] as const;

type Ask = (cursor: string) => Promise<Answer>;

const bySearch =
  (client: Client, path: string, more: object): Ask =>
  (cursor) =>
    client.post(`${path}/.search`, { schemas: [SEARCH], cursor, ...more });
const byQuery =
  (client: Client, path: string, query: string): Ask =>
  (cursor) =>
    client.get(`${path}?cursor=${cursor}${query}`);

/** All pages, with something done between them. */
async function pages(ask: Ask, between: (page: number) => Promise<void> = async () => {}): Promise<Json[]> {
  const found: Json[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const { status, body, text }: Answer = await ask(cursor);
    assert.equal(status, 200, text);
    assert.equal(body.itemsPerPage, body.Resources.length);
    assert.equal(body.startIndex, undefined);
    found.push(body);
    cursor = body.nextCursor;
    assert.ok(cursor === undefined || /^[A-Za-z0-9._~-]+$/.test(cursor), 'unreserved characters');
    assert.ok(found.length < 200, 'an end');
    await between(found.length);
  }
  return found;
}

const names = (bodies: readonly Json[]): string[] =>
  bodies.flatMap((body) => body.Resources.map((item: Json) => item.userName ?? item.displayName));

function refused(answer: Answer, scimType: string): void {
  assert.equal(answer.status, 400, answer.text);
  assert.equal(answer.body.scimType, scimType);
}

for (const profile of EVERY)
  test(`34 search + cursor (${profile})`, async (t) => {
    const client = (await scimWorld(t)).as(profile);
    for (let index = 0; index < 7; index++) await client.user(`user${index}`, { active: index !== 3 });
    const request = { attributes: ['userName'], filter: 'active eq true', count: 100 };
    const [whole, ...none] = await pages(bySearch(client, '/Users', request));
    assert.deepEqual([names([whole]), none], [['user0', 'user1', 'user2', 'user4', 'user5', 'user6'], []]);
    assert.deepEqual(Object.keys(whole.Resources[0]).sort(), ['id', 'schemas', 'userName']);
    const parts = await pages(bySearch(client, '/Users', { ...request, count: 2 }));
    assert.deepEqual(names(parts), names([whole]));
    assert.deepEqual(
      parts.map(({ itemsPerPage, totalResults }) => [itemsPerPage, totalResults]),
      [
        [2, 6],
        [2, 6],
        [2, 6],
      ],
    );
  });

test('GET and .search give the same pages, bare and empty are the first one', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  for (const name of ['a', 'b', 'c', 'd', 'e']) await client.group(name);
  const all = ['a', 'b', 'c', 'd', 'e'];
  assert.deepEqual(names(await pages(byQuery(client, '/Groups', '&count=2'))), all);
  assert.deepEqual(names(await pages(bySearch(client, '/Groups', { count: 3 }))), all);
  for (const query of ['?cursor', '?cursor=', '?CURSOR=&count=5']) {
    const { body } = await client.get(`/Groups${query}`);
    assert.deepEqual([names([body]), body.startIndex, body.nextCursor], [all, undefined, undefined]);
  }
  const byIndex = await client.post('/Groups/.search', { schemas: [SEARCH], cursor: null, count: 2 });
  assert.deepEqual([byIndex.body.startIndex, byIndex.body.nextCursor], [1, undefined], 'index stays the default');
  const { body: totals } = await client.get('/Groups?cursor&count=0');
  assert.deepEqual([totals.totalResults, totals.Resources, totals.nextCursor], [5, [], undefined]);
});

test('every order that can be asked for by index can be walked by cursor', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  for (const [userName, more] of [
    ['Dora', { title: 'b', emails: [{ value: 'z@x.test' }, { value: 'a@x.test', primary: true }] }],
    ['ana', { title: 'C', active: false }],
    ['Bo', { emails: [{ value: 'm@x.test' }], [E]: { department: 'Build' } }],
    ['cy', { title: 'A', displayName: 'x'.repeat(400) }],
    ['éva', { title: 'a', displayName: `y${'x'.repeat(400)}` }],
    ['zoé', { [E]: { department: 'build' } }],
    ['𝒜da', {}],
  ] as const)
    await client.user(userName, { schemas: [U, E], ...more });
  for (const sortBy of [
    'userName',
    'title',
    'emails',
    'active',
    'displayName',
    'meta.created',
    `${E}:department`,
    'id',
  ])
    for (const sortOrder of ['ascending', 'descending'])
      for (const count of [1, 2, 3]) {
        const query = `&sortBy=${sortBy}&sortOrder=${sortOrder}`;
        const byIndex = (await client.get(`/Users?count=100${query}`)).body;
        const found = names(await pages(byQuery(client, '/Users', `${query}&count=${count}`)));
        assert.deepEqual(found, names([byIndex]), `${sortBy} ${sortOrder} ${count}`);
      }
});

test('texts that begin alike in 200 characters come in the order of their creation', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  for (const [name, end] of [
    ['one', 'c'],
    ['two', 'a'],
    ['three', 'b'],
  ] as const)
    await client.user(name, { displayName: `${'x'.repeat(200)}${end}` });
  assert.deepEqual(names(await pages(byQuery(client, '/Users', '&sortBy=displayName&count=1'))), [
    'one',
    'two',
    'three',
  ]);
});

test('at the root people come first, and sorted lists are merged', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  for (const name of ['c', 'a', 'e']) await client.user(name, { displayName: name });
  for (const name of ['d', 'b', 'f', 'a']) await client.group(name);
  for (const count of [1, 2, 3, 4, 7, 10]) {
    const plain = await pages(bySearch(client, '', { count }));
    assert.deepEqual(names(plain), ['c', 'a', 'e', 'd', 'b', 'f', 'a'], `${count}`);
    assert.ok(plain.every(({ totalResults }) => totalResults === 7));
    assert.equal(plain.length, Math.ceil(7 / count));
    for (const sortOrder of ['ascending', 'descending']) {
      const sorted = names(await pages(bySearch(client, '', { count, sortBy: 'displayName', sortOrder })));
      const expected = ['a', 'a', 'b', 'c', 'd', 'e', 'f'];
      assert.deepEqual(sorted, sortOrder === 'ascending' ? expected : expected.reverse(), `${count} ${sortOrder}`);
    }
  }
});

test('at the root nobody is left out whose sort key begins as long alike as a cursor remembers', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const long = 'x'.repeat(200);
  await client.user('one', { displayName: `${long}c` });
  await client.user('two', { displayName: `${long}a` });
  await client.group(`${long}b`);
  for (const sortOrder of ['ascending', 'descending'])
    for (const count of [1, 2, 3]) {
      const found = names(await pages(bySearch(client, '', { count, sortBy: 'displayName', sortOrder })));
      assert.deepEqual(found.sort(), ['one', 'two', `${long}b`], `${sortOrder} ${count}`);
    }
});

test('a cursor is for its token, its connection, its address, its filter and its order', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('rfc');
  for (const name of ['a', 'b', 'c']) await client.user(name);
  const first = async (path: string) => (await client.get(path)).body.nextCursor as string;
  const plain = await first('/Users?cursor&count=1');
  assert.equal((await client.get(`/Users?cursor=${plain}`)).status, 200);
  for (const query of ['&filter=userName%20pr', '&sortBy=userName', '&sortOrder=descending'])
    refused(await client.get(`/Users?cursor=${plain}${query}`), 'invalidCursor');
  refused(await client.get(`/Groups?cursor=${plain}`), 'invalidCursor');
  refused(await client.post('/.search', { schemas: [SEARCH], cursor: plain }), 'invalidCursor');
  refused(await world.as('okta').get(`/Users?cursor=${plain}`), 'invalidCursor');
  const sorted = await first('/Users?cursor&count=1&sortBy=userName&filter=userName%20pr');
  refused(await client.get(`/Users?cursor=${sorted}`), 'invalidCursor');
  assert.equal(
    (await client.get(`/Users?cursor=${sorted}&sortBy=userName&filter=userName%20pr`)).body.Resources.length,
    1,
  );
});

test('a cursor cannot be forged, and says nothing of what it sorts by', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  for (const name of ['secretive', 'secretary']) await client.user(name);
  const cursor: string = (await client.get('/Users?cursor&count=1&sortBy=userName')).body.nextCursor;
  const bytes = Buffer.from(cursor, 'base64url');
  assert.ok(!bytes.toString('latin1').includes('secret'));
  const all: string[] = [
    'x',
    'AAAA',
    '0'.repeat(5_000),
    `${cursor}A`,
    cursor.slice(1),
    cursor.slice(0, -4),
    `${cursor}.`,
    '%00',
    '🙂',
  ];
  for (let at = 0; at < bytes.length; at += 7) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    all.push(changed.toString('base64url'));
  }
  for (const forged of all)
    refused(await client.get(`/Users?sortBy=userName&cursor=${encodeURIComponent(forged)}`), 'invalidCursor');
  refused(await client.post('/Users/.search', { schemas: [SEARCH], cursor: 7 }), 'invalidValue');
});

test('the count stays that of the first page; startIndex does not go with a cursor', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  for (const name of ['a', 'b', 'c', 'd']) await client.user(name);
  const cursor = (await client.get('/Users?cursor&count=2')).body.nextCursor;
  refused(await client.get(`/Users?cursor=${cursor}&count=3`), 'invalidCount');
  refused(await client.get(`/Users?cursor=${cursor}&count=0`), 'invalidCount');
  for (const query of ['', '&count=2', '&startIndex=1'])
    assert.deepEqual(names([(await client.get(`/Users?cursor=${cursor}${query}`)).body]), ['c', 'd']);
  refused(await client.get('/Users?cursor&startIndex=2'), 'invalidValue');
});

test('a cursor lives for an hour', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('rfc');
  for (const name of ['a', 'b']) await client.user(name);
  const cursor = (await client.get('/Users?cursor&count=1')).body.nextCursor;
  await world.time.advance(3_600_000);
  assert.equal((await client.get(`/Users?cursor=${cursor}`)).status, 200);
  await world.time.advance(1);
  refused(await client.get(`/Users?cursor=${cursor}`), 'expiredCursor');
});

const steps = fc.array(
  fc.record({ page: fc.integer({ min: 1, max: 8 }), kind: fc.constantFrom('insert', 'delete'), pick: fc.nat() }),
  { maxLength: 12 },
);

test('pages have no duplicates and no gaps while others come and go', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('rfc');
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('', '&sortBy=userName', '&sortBy=title&sortOrder=descending', '&sortBy=title'),
      fc.integer({ min: 1, max: 5 }),
      steps,
      async (order, count, changes) => {
        round += 1;
        const others: string[] = [];
        const kept = new Set<string>();
        for (let index = 0; index < 14; index++) {
          const more = index % 3 === 0 ? {} : { title: `t${index % 4}` };
          const name = `r${round}-${(index * 5) % 14}`;
          const id = await client.user(name, more);
          if (index % 2 === 0) kept.add(name);
          else others.push(id);
        }
        const filter = `&filter=${encodeURIComponent(`userName sw "r${round}-"`)}`;
        const found = names(
          await pages(byQuery(client, '/Users', `${order}${filter}&count=${count}`), async (page) => {
            for (const { kind, pick, page: at } of changes)
              if (at === page && kind === 'insert')
                await client
                  .user(`r${round}-new${page}-${pick}-${others.length}`, { title: `t${pick % 4}` })
                  .catch(() => {});
              else if (at === page && others.length > 0)
                await client.delete(`/Users/${others.splice(pick % others.length, 1)[0]}`);
          }),
        );
        assert.equal(new Set(found).size, found.length, 'no duplicates');
        for (const name of kept) assert.ok(found.includes(name), `${name} is missing`);
      },
    ),
    { numRuns: 12 },
  );
});
