import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BASE, type Client, E, G, type Json, scimWorld, U } from './world.ts';

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

async function people(client: Client): Promise<string[]> {
  const ids = [];
  for (const [userName, more] of [
    ['Dora', { title: 'b', emails: [{ value: 'z@x.test' }, { value: 'a@x.test', primary: true }] }],
    ['ana', { title: 'C', active: false }],
    ['Bo', { emails: [{ value: 'm@x.test', type: 'work' }], [E]: { department: 'Build' } }],
    ['cy', { title: 'A' }],
  ] as const)
    ids.push(await client.user(userName, { schemas: [U, E], ...more }));
  return ids;
}

function names(body: Json): string[] {
  return body.Resources.map((item: Json) => item.userName ?? item.displayName);
}

test('paging: integers, stable order, count 0 and negative give totals, startIndex below 1 is 1', async (t) => {
  const client = (await scimWorld(t)).as('okta');
  await people(client);
  const list = async (query: string) => (await client.get(`/Users?${query}`)).body;
  const seen = [];
  for (let startIndex = 1; startIndex <= 4; startIndex++)
    seen.push(...names(await list(`startIndex=${startIndex}&count=1`)));
  assert.deepEqual(seen, ['Dora', 'ana', 'Bo', 'cy']);
  for (const count of ['0', '-5']) {
    const body = await list(`count=${count}`);
    assert.deepEqual([body.totalResults, body.itemsPerPage, body.Resources], [4, 0, []]);
  }
  assert.deepEqual((await list('startIndex=-3&count=2')).startIndex, 1);
  assert.deepEqual(names(await list('startIndex=4')), ['cy']);
  assert.deepEqual(names(await list('startIndex=99')), []);
  assert.equal((await list('startIndex=99')).totalResults, 4);
  assert.equal((await list('count=999999999')).itemsPerPage, 4);
  // The largest numbers of Java and of a double: whoever wants all there is.
  for (const count of ['9223372036854775807', '1'.padEnd(400, '0')]) {
    assert.equal((await list(`count=${count}`)).itemsPerPage, 4, count);
    assert.deepEqual(names(await list(`startIndex=${count}`)), []);
    assert.equal((await list(`count=-${count}`)).itemsPerPage, 0);
  }
  assert.equal((await list('count=1e3')).scimType, 'invalidValue');
});

test('sorting: folded, missing last ascending and first descending, by the primary of several', async (t) => {
  const client = (await scimWorld(t)).as('okta');
  await people(client);
  const sorted = async (query: string) => names((await client.get(`/Users?${query}`)).body);
  assert.deepEqual(await sorted('sortBy=userName'), ['ana', 'Bo', 'cy', 'Dora']);
  assert.deepEqual(await sorted('sortBy=userName&sortOrder=descending'), ['Dora', 'cy', 'Bo', 'ana']);
  assert.deepEqual(await sorted('sortBy=title'), ['cy', 'Dora', 'ana', 'Bo']);
  assert.equal((await sorted('sortBy=title&sortOrder=descending'))[0], 'Bo');
  assert.deepEqual((await sorted('sortBy=emails')).slice(0, 2), ['Dora', 'Bo']);
});

test('.search answers as the query does, at a type and at the root', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('rfc');
  await people(client);
  await client.group('Bees');
  const search = async (path: string, more: object) => {
    const { status, body, text } = await client.send('POST', `${path}/.search`, { schemas: [SEARCH], ...more });
    assert.equal(status, 200, text);
    return body;
  };
  const users = await search('/Users', { filter: 'active eq true', attributes: ['userName'], startIndex: 2, count: 1 });
  assert.deepEqual([users.totalResults, names(users)], [3, ['Bo']]);
  assert.deepEqual(Object.keys(users.Resources[0]).sort(), ['id', 'schemas', 'userName']);
  const all = await search('', { filter: 'userName sw "b" or displayName sw "b"' });
  assert.deepEqual(names(all), ['Bo', 'Bees']);
  assert.deepEqual(names(await search('', { startIndex: 4, count: 2 })), ['cy', 'Bees']);
  assert.equal((await search('', { startIndex: 4, count: 2 })).totalResults, 5);
  assert.deepEqual(names(await search('', { sortBy: 'displayName', count: 1 })), ['Bees']);
  assert.deepEqual(names(await search('', { filter: 'meta.resourceType eq "Group"' })), ['Bees']);
  const far = await client.send('POST', '/.search', { schemas: [SEARCH], sortBy: 'displayName', startIndex: 5000 });
  assert.deepEqual([far.status, far.body.scimType], [400, 'tooMany']);
  const unnamed = await client.send('POST', '/.search', { filter: 'shoeSize eq "7"' });
  assert.deepEqual([unnamed.status, unnamed.body.scimType], [400, 'invalidSyntax']);
  const onlyGroups = await world.as('rfc', ['groups:read']).send('POST', '/.search', { schemas: [SEARCH] });
  assert.deepEqual(names(onlyGroups.body), ['Bees']);
});

test('the root is asked by GET, too (RFC 7644 §3.4.2.1)', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('rfc');
  await people(client);
  await client.group('Bees');
  const root = async (query: string) => (await client.get(query)).body;
  assert.deepEqual(names(await root('')), names(await root('/')));
  const named = encodeURIComponent('userName sw "b" or displayName sw "b"');
  assert.deepEqual(names(await root(`?filter=${named}`)), ['Bo', 'Bees']);
  const kind = encodeURIComponent('(meta.resourceType eq "User") or (meta.resourceType eq "Group")');
  assert.equal((await root(`?filter=${kind}&count=1`)).totalResults, 5);
  assert.deepEqual(names(await root('?sortBy=displayName&count=1')), ['Bees']);
  const groups = world.as('rfc', ['groups:read']);
  assert.deepEqual(names((await groups.get('')).body), ['Bees']);
  assert.equal((await world.as('rfc', ['groups:write']).get('')).status, 403);
  const put = await client.send('PUT', '', {});
  assert.deepEqual([put.status, put.headers.allow], [405, 'GET, HEAD']);
});

test('projection: the minimum with attributes, never less than always, on every verb', async (t) => {
  const client = (await scimWorld(t)).as('okta');
  const created = await client.send('POST', '/Users?attributes=userName', {
    schemas: [U],
    userName: 'ana',
    title: 'x',
    name: { givenName: 'A', familyName: 'D' },
    emails: [{ value: 'a@x.test', type: 'work' }],
    [E]: { department: 'Build', division: 'D' },
  });
  const keys = (body: Json) => Object.keys(body).sort();
  assert.deepEqual(keys(created.body), ['id', 'schemas', 'userName']);
  const path = `/Users/${created.body.id}`;
  const get = async (query: string) => (await client.get(`${path}?${query}`)).body;
  assert.deepEqual(
    keys(await get('excludedAttributes=id,schemas,name,meta,emails')),
    ['active', 'id', 'schemas', 'title', E, 'userName'].sort(),
  );
  assert.deepEqual((await get('attributes=NAME.givenname')).name, { givenName: 'A' });
  assert.deepEqual((await get('excludedAttributes=name.givenName')).name, { familyName: 'D' });
  assert.deepEqual((await get('attributes=emails.value')).emails, [{ value: 'a@x.test' }]);
  assert.deepEqual((await get(`attributes=${E}:department`))[E], { department: 'Build' });
  assert.deepEqual((await get(`attributes=${E}`))[E], { department: 'Build', division: 'D' });
  assert.equal(E in (await get(`excludedAttributes=${E}`)), false);
  assert.deepEqual(keys(await get('attributes=unknown')), ['id', 'schemas']);
  const patched = await client.send('PATCH', `${path}?attributes=title`, {
    Operations: [{ op: 'replace', path: 'title', value: 'y' }],
  });
  assert.deepEqual([keys(patched.body), patched.body.title], [['id', 'schemas', 'title'], 'y']);
  const put = await client.send('PUT', `${path}?excludedAttributes=meta`, { userName: 'ana' });
  assert.deepEqual(keys(put.body), ['active', 'id', 'schemas', 'userName']);
  const listed = (await client.get('/Users?attributes=userName')).body.Resources[0];
  assert.deepEqual(keys(listed), ['id', 'schemas', 'userName']);
});

test('what belongs to a resource is in a list where it is asked for, and nothing else is', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const ana = await client.user('ana');
  const team = await client.group('team', [ana]);
  const listed = async (path: string): Promise<Json> => (await client.get(path)).body.Resources[0];
  for (const query of ['attributes=groups', 'attributes=groups.value', 'excludedAttributes=userName'])
    assert.equal((await listed(`/Users?${query}`)).groups[0].value, team, query);
  for (const query of ['attributes=members', 'attributes=members.value', 'excludedAttributes=displayName'])
    assert.equal((await listed(`/Groups?${query}`)).members[0].value, ana, query);
  assert.equal((await listed('/Users?excludedAttributes=groups')).groups, undefined);
  assert.equal((await listed('/Groups?attributes=displayName')).members, undefined);
});

test('versions: ETag, If-Match 412, If-None-Match 304', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  for (const path of [`/Users/${await client.user('ana')}`, `/Groups/${await client.group('team')}`]) {
    const first = await client.get(path);
    const tag = String(first.headers.etag);
    assert.equal(first.body.meta.version, tag);
    const known = await client.get(path, { 'if-none-match': tag });
    assert.deepEqual([known.status, known.text, known.headers.etag], [304, '', tag]);
    const { 'content-location': at } = (await client.get(path)).headers;
    assert.ok(at !== undefined);
    assert.equal(known.headers['content-location'], at, 'as a 200 has it (RFC 9110 §15.4.5)');
    assert.equal((await client.get(path, { 'if-none-match': 'W/"99"' })).status, 200);
    const change = [{ op: 'replace', path: 'externalId', value: 'x' }];
    const stale = await client.patch(path, change, { 'if-match': 'W/"99"' });
    assert.deepEqual([stale.status, stale.body.status], [412, '412']);
    assert.equal((await client.patch(path, change, { 'if-match': 'nonsense' })).status, 412);
    const fresh = await client.patch(path, change, { 'if-match': `W/"99", ${tag}` });
    assert.ok(fresh.status === 200 || fresh.status === 204, fresh.text);
    assert.notEqual(fresh.headers.etag, tag);
    const schemas = [path.startsWith('/Users') ? U : G];
    const put = { schemas, userName: 'ana', displayName: 'team' };
    const body = path.startsWith('/Users') ? put : { schemas, displayName: 'team' };
    assert.equal((await client.put(path, body, { 'if-match': tag })).status, 412);
    assert.equal((await client.delete(path, { 'if-match': tag })).status, 412);
    assert.equal((await client.delete(path, { 'if-match': '*' })).status, 204);
    assert.equal((await client.get(path)).status, 404);
  }
});

test('RFC 9110 §13.1: a change is not done where If-None-Match names the version, a reading not where If-Match does not', async (t) => {
  for (const profile of ['rfc', 'okta'] as const) {
    const client = (await scimWorld(t)).as(profile);
    const ana = await client.user('ana');
    for (const path of [`/Users/${ana}`, `/Groups/${await client.group('team', [ana])}`]) {
      const tag = String((await client.get(path)).headers.etag);
      const schemas = [path.startsWith('/Users') ? U : G];
      const put = { schemas, ...(path.startsWith('/Users') ? { userName: 'ana' } : { displayName: 'team' }) };
      const change = [{ op: 'replace', path: 'externalId', value: 'x' }];
      for (const known of ['*', tag, tag.replace('W/', ''), `W/"99", ${tag}`]) {
        const headers = { 'if-none-match': known };
        assert.equal((await client.put(path, { ...put, externalId: 'x' }, headers)).status, 412, `${path} ${known}`);
        assert.equal((await client.patch(path, change, headers)).status, 412);
        assert.equal((await client.delete(path, headers)).status, 412);
        assert.equal((await client.patch(path, change, { ...headers, 'if-match': tag })).status, 412);
      }
      assert.equal((await client.get(path)).headers.etag, tag);
      for (const want of ['*', tag, `"7", ${tag}`])
        assert.equal((await client.get(path, { 'if-match': want })).status, 200, want);
      assert.equal((await client.get(path, { 'if-match': 'W/"99"' })).status, 412);
      assert.equal((await client.get(path, { 'if-match': tag, 'if-none-match': tag })).status, 304);
      assert.ok((await client.patch(path, change, { 'if-none-match': 'W/"99"' })).status < 300);
    }
    const fresh = { schemas: [U], userName: 'bo' };
    assert.equal((await client.send('POST', '/Users', fresh, { 'if-none-match': '*' })).status, 201);
    assert.equal((await client.get('/Users/nobody', { 'if-match': '"1"' })).status, 404);
  }
});

test('a parameter that is a list may be given in parts', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  await client.user('ana', { title: 'x', nickName: 'n' });
  const shown = async (query: string) => Object.keys((await client.get(`/Users?${query}`)).body.Resources[0]).sort();
  assert.deepEqual(await shown('attributes=title&attributes=nickName'), ['id', 'nickName', 'schemas', 'title']);
  assert.deepEqual(await shown('attributes=title&attributes='), ['id', 'schemas', 'title']);
  assert.deepEqual(await shown('excludedAttributes=title,meta&excludedAttributes=nickName,active'), [
    'id',
    'schemas',
    'userName',
  ]);
  assert.deepEqual(await shown('attributes=title&ATTRIBUTES=nickName'), ['id', 'nickName', 'schemas', 'title']);
});

test('any other parameter that is there twice is refused in every profile, whatever it says', async (t) => {
  const world = await scimWorld(t);
  const twice = ['filter', 'sortBy', 'sortOrder', 'startIndex', 'count', 'cursor'];
  for (const profile of ['okta', 'entra', 'interop', 'rfc', 'generic'] as const) {
    const client = world.as(profile);
    const id = await client.user(`ana-${profile}`);
    for (const name of twice)
      for (const query of [`${name}=1&${name}=1`, `${name}=&${name.toUpperCase()}=1`, `${name}&x=1&${name}`])
        for (const path of ['/Users', '/Groups', `/Users/${id}`]) {
          const { status, body } = await client.get(`${path}?${query}`);
          assert.deepEqual([status, body.scimType], [400, 'invalidValue'], `${profile} ${path} ${query}`);
          assert.match(body.detail, new RegExp(`the parameter ${name} was sent more than once`));
        }
    assert.equal((await client.get('/Users?aadOptscim062020&aadOptscim062020&x=1&x=2')).status, 200);
  }
});

test('who knows a person from before a change of their groups is given the person again', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const ana = await client.user('ana');
  const path = `/Users/${ana}`;
  let tag = 'W/"1"';
  const changed = async (what: string): Promise<void> => {
    const known = await client.get(path, { 'if-none-match': tag });
    assert.equal(known.status, 200, what);
    tag = String(known.headers.etag);
    assert.equal(known.body.meta.version, tag, what);
    const [listed] = (await client.get('/Users')).body.Resources;
    assert.equal(listed.meta.version, tag, `${what}, in a list`);
    assert.equal((await client.get(path, { 'if-none-match': tag })).status, 304, what);
    assert.equal((await client.get(`${path}?excludedAttributes=groups`, { 'if-none-match': tag })).status, 304, what);
  };
  const team = await client.group('team', [ana]);
  await changed('added');
  await client.patch(`/Groups/${team}`, [{ op: 'replace', path: 'displayName', value: 'crew' }]);
  await changed('renamed');
  const all = await client.group('all', [team]);
  await changed('nested');
  await client.patch(`/Groups/${all}`, [{ op: 'add', path: 'members', value: [{ value: ana }] }]);
  await changed('direct instead of indirect');
  await client.delete(`/Groups/${team}`);
  await changed('one deleted');
  await client.patch(`/Groups/${all}`, [{ op: 'remove', path: 'members' }]);
  await changed('removed');
  assert.equal(tag, 'W/"1"');
});

test('groups do not count for If-Match: who changes a person does not change them', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const ana = await client.user('ana');
  await client.group('team', [ana]);
  const tag = String((await client.get(`/Users/${ana}`)).headers.etag);
  await client.group('crew', [ana]);
  const change = [{ op: 'replace', path: 'title', value: 'x' }];
  assert.equal((await client.patch(`/Users/${ana}`, change, { 'if-match': tag })).status, 200);
  assert.equal((await client.patch(`/Users/${ana}`, change, { 'if-match': tag })).status, 412);
});

test('who asks for the names of members is always given them: they change with the members', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const ana = await client.user('ana');
  const path = `/Groups/${await client.group('team', [ana])}?attributes=members.display`;
  const first = await client.get(path);
  await client.patch(`/Users/${ana}`, [{ op: 'replace', path: 'displayName', value: 'Ana' }]);
  const second = await client.get(path, { 'if-none-match': String(first.headers.etag) });
  assert.deepEqual([second.status, second.body.members], [200, [{ display: 'Ana' }]]);
});

test('removing active unassigns it and takes access away; only an explicit true brings it back', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  for (const start of [true, false]) {
    const id = await client.user(`ana-${start}`, { active: start });
    const removed = await client.patch(`/Users/${id}`, [{ op: 'remove', path: 'active' }]);
    assert.equal(removed.status, 200);
    assert.equal('active' in removed.body, false);
    const found = async (filter: string) =>
      (await client.get(`/Users?filter=${encodeURIComponent(`userName eq "ana-${start}" and ${filter}`)}`)).body
        .totalResults;
    for (const holds of ['active eq false', 'active ne true', 'active pr', 'not (active eq true)'])
      assert.equal(await found(holds), 1, holds);
    for (const fails of ['active eq true', 'active ne false', 'active eq null'])
      assert.equal(await found(fails), 0, fails);
    const put = await client.put(`/Users/${id}`, { schemas: [U], userName: `ana-${start}` });
    assert.equal('active' in put.body, false);
    const back = await client.patch(`/Users/${id}`, [{ op: 'add', path: 'active', value: true }]);
    assert.equal(back.body.active, true);
    assert.equal(await found('active eq true'), 1);
  }
});

test('names of members come on demand only', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const group = await client.group('ci', [await client.user('ana')]);
  const member = async (query: string) => (await client.get(`/Groups/${group}${query}`)).body.members[0];
  assert.deepEqual(Object.keys(await member('')), ['value', '$ref', 'type']);
  assert.deepEqual(Object.keys(await member('?attributes=members')), ['value', '$ref', 'type']);
  assert.deepEqual(Object.keys(await member('?excludedAttributes=members.$ref')), ['value', 'type']);
  assert.deepEqual(await member('?attributes=members.display'), { display: 'ana' });
  assert.equal((await member('?attributes=members,members.display')).display, 'ana');
});

test('a PUT that leaves out active brings nobody back', async (t) => {
  const client = (await scimWorld(t)).as('okta');
  const id = await client.user('ana', { active: false, title: 'x' });
  const { body } = await client.put(`/Users/${id}`, { schemas: [U], userName: 'ana' });
  assert.equal(body.active, false);
  assert.equal('title' in body, false);
  assert.equal((await client.put(`/Users/${id}`, { userName: 'ana', active: null })).body.active, false);
  assert.equal((await client.put(`/Users/${id}`, { userName: 'ana', active: 'True' })).body.active, true);
});

test('writing what is there makes no version', async (t) => {
  const client = (await scimWorld(t)).as('okta');
  const id = await client.user('ana', { emails: [{ value: 'a@x.test', type: 'work', primary: true }] });
  const before = (await client.get(`/Users/${id}`)).body;
  await client.patch(`/Users/${id}`, [{ op: 'add', path: 'emails', value: [{ type: 'work', value: 'A@X.test' }] }]);
  const echoed = await client.put(`/Users/${id}`, before);
  assert.deepEqual(echoed.body.meta.version === before.meta.version, false);
  const again = await client.put(`/Users/${id}`, echoed.body);
  assert.deepEqual(again.body, echoed.body);
});

test('filters over HTTP: operators, grouping, value paths, URN prefixes, lenient words', async (t) => {
  const client = (await scimWorld(t)).as('entra');
  await people(client);
  const found = async (filter: string) =>
    names((await client.get(`/Users?filter=${encodeURIComponent(filter)}&sortBy=userName`)).body);
  assert.deepEqual(await found('userName eq ANA'), ['ana']);
  assert.deepEqual(await found('title pr and not (active eq True)'), ['ana']);
  assert.deepEqual(await found('(title eq "b" or title eq "c") and active eq true'), ['Dora']);
  assert.deepEqual(await found('title eq "zzz" or userName sw "d" and active eq true'), ['Dora']);
  assert.deepEqual(await found(`${U}:userName ew "O"`), ['Bo']);
  assert.deepEqual(await found(`${E}:department co "uil"`), ['Bo']);
  assert.deepEqual(await found(`schemas eq "${E}"`), ['Bo']);
  assert.deepEqual(await found('emails[primary eq true and value sw "A"]'), ['Dora']);
  assert.deepEqual(await found('emails[value ge "M@x.test" and value lt "n"]'), ['Bo']);
  assert.deepEqual(await found('userName ne "ana" and title ne null'), ['cy', 'Dora']);
  assert.deepEqual(await found('meta.resourceType eq "Group"'), []);
});

test('discovery: documents of what is there, lists and single, no filter', async (t) => {
  const client = (await scimWorld(t)).as('rfc', []);
  const config = (await client.get('/ServiceProviderConfig')).body;
  assert.deepEqual(
    [config.patch, config.sort, config.etag, config.filter, config.changePassword, config.bulk],
    [
      { supported: true },
      { supported: true },
      { supported: true },
      { supported: true, maxResults: 1000 },
      { supported: false },
      { supported: true, maxOperations: 1000, maxPayloadSize: 16 * 1024 ** 2 },
    ],
  );
  assert.deepEqual(config.pagination, {
    cursor: true,
    index: true,
    defaultPaginationMethod: 'index',
    defaultPageSize: 100,
    maxPageSize: 1000,
    cursorTimeout: 3600,
  });
  assert.equal(Object.hasOwn(config, 'interopProfileConformant'), false);
  const types = (await client.get('/ResourceTypes?startIndex=2&count=1&sortBy=x')).body;
  assert.deepEqual([types.totalResults, types.Resources.map((item: Json) => item.id)], [2, ['User', 'Group']]);
  for (const document of types.Resources) {
    assert.deepEqual((await client.get(`/ResourceTypes/${document.id}`)).body, document);
    assert.equal(document.meta.location, `${BASE}/ResourceTypes/${document.id}`);
  }
  const schemas = (await client.get('/Schemas')).body;
  assert.deepEqual(
    schemas.Resources.map((item: Json) => item.id),
    [U, G, E],
  );
  for (const document of schemas.Resources)
    assert.deepEqual((await client.get(`/Schemas/${document.id}`)).body, document);
  assert.equal((await client.get('/Schemas/urn:none')).status, 404);
  for (const path of ['/Schemas', '/ResourceTypes', '/ServiceProviderConfig', '/ResourceTypes/User'])
    assert.equal((await client.get(`${path}?filter=id%20pr`)).status, 403);
});

test('an empty filter asks for nothing: of a discovery endpoint, as of a search', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  for (const path of ['/Users', '/Schemas', '/ResourceTypes', '/ServiceProviderConfig', `/Schemas/${U}`])
    assert.equal((await client.get(`${path}?filter=`)).status, 200, path);
  for (const query of ['filter=&filter=x', 'FILTER=x', 'filter=%20'])
    assert.equal((await client.get(`/Schemas?${query}`)).status, 403, query);
});

test('HEAD, JSON content type and unknown query keys are accepted', async (t) => {
  const client = (await scimWorld(t)).as('entra');
  const id = await client.user('ana');
  assert.equal((await client.send('HEAD', `/Users/${id}`)).status, 200);
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const created = await client.send('POST', '/Users?aadOptscim062020&x=1', { userName: 'bo' }, json);
  assert.equal(created.status, 201);
  assert.equal((await client.send('DELETE', `/Users/${id}`, '', json)).status, 204);
});

test('every SCIM answer is measured by operation and status', async (t) => {
  const world = await scimWorld(t);
  await world.as('okta').user('ana');
  await world.as('okta').get('/Users/none');
  const text = await world.metrics();
  assert.match(text, /operation="user\.create",status="201"\} 1/);
  assert.match(text, /operation="user\.get",status="404"\} 1/);
});

test('who is not said to be active is sorted as inactive, in a list of people and at the root, by index and by cursor', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const ids = {
    yes: await client.user('yes'),
    unsaid: await client.user('unsaid'),
    no: await client.user('no', { active: false }),
    group: await client.group('team', []),
  };
  await client.patch(`/Users/${ids.unsaid}`, [{ op: 'remove', path: 'active' }]);
  assert.equal((await client.get(`/Users/${ids.unsaid}`)).body.active, undefined);
  const search = { schemas: [SEARCH], sortBy: 'active', attributes: ['id'] };
  const sorted = async (path: string, more: object): Promise<string[]> =>
    (await client.send('POST', path, { ...search, ...more })).body.Resources.map(({ id }: { id: string }) => id);
  for (const more of [{}, { cursor: '' }]) {
    const { yes, unsaid, no, group } = ids;
    assert.deepEqual(await sorted('/Users/.search', more), [unsaid, no, yes]);
    assert.deepEqual(await sorted('/.search', more), [unsaid, no, yes, group]);
    const down = { ...more, sortOrder: 'descending' };
    assert.deepEqual(await sorted('/Users/.search', down), [yes, unsaid, no]);
    assert.deepEqual(await sorted('/.search', down), [group, yes, unsaid, no]);
  }
});
