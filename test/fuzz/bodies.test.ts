import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { P, U } from '../server/scim/world.ts';
import { HEAD, listening, statuses } from './listening.ts';

/** Sends a request as bytes over a socket, as no client library would. */
async function stage(t: TestContext) {
  const { raw, client, unchanged } = await listening(t);
  const { body } = await client.get('/Users?filter=userName%20eq%20%22ana%22');
  const id: string = body.Resources[0].id;
  const send = async (
    method: string,
    path: string,
    sent: string | Buffer,
  ): Promise<{ status: number; text: string }> => {
    const bytes = Buffer.from(sent);
    const head = `${method} /scim/v2${path} HTTP/1.1\r\n${HEAD}\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`;
    const text = await raw(Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
    return { status: statuses(text)[0]!, text };
  };
  const post = (sent: string | Buffer) => send('POST', '/Users', sent);
  const patch = (sent: string | Buffer) => send('PATCH', `/Users/${id}`, sent);
  const filter = (text: string) => send('POST', '/Users/.search', JSON.stringify({ schemas: [SEARCH], filter: text }));
  /** Each is refused with 400 in SCIM form, nothing is stored, and the next request is answered. */
  const allRefused = async (answers: readonly Promise<{ status: number; text: string }>[], type?: string) => {
    for (const [place, answer] of (await Promise.all(answers)).entries()) {
      assert.equal(answer.status, 400, `${place}: ${answer.text.slice(0, 600)}`);
      assert.match(answer.text, /"schemas":\["urn:ietf:params:scim:api:messages:2\.0:Error"\]/);
      if (type !== undefined) assert.match(answer.text, new RegExp(`"scimType":"${type}"`), String(place));
    }
    assert.equal((await client.get('/Users?count=0')).status, 200);
    await unchanged();
  };
  return { post, patch, filter, send, allRefused, unchanged, client, id };
}

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const user = (more: string): string => `{"schemas":["${U}"],"userName":"new",${more}}`;
const patching = (value: string): string =>
  `{"schemas":["${P}"],"Operations":[{"op":"replace","path":"title","value":${value}}]}`;

test('unterminated strings, escapes, lists, objects and filters are refused', async (t) => {
  const { post, patch, filter, allRefused } = await stage(t);
  await allRefused(
    [
      '{"userName":"',
      '{"userName":"a',
      '{"userName":"a\\',
      '{"userName":"\\u12',
      '{"a":[1,2',
      '{"a":{"b":',
      '"',
      '[',
      '{',
      '{"userName"',
    ].flatMap((text) => [post(text), patch(text)]),
  );
  await allRefused(
    [
      'userName eq "ana',
      'userName eq "ana\\',
      'userName eq "\\u00',
      'emails[type eq "work"',
      'not (userName pr',
      'emails[type eq "work].value eq "x"',
      'userName eq',
    ].map(filter),
    'invalidFilter',
  );
});

test('5,000 parentheses, brackets, nots, lists and objects are refused, whatever they hold', async (t) => {
  const { post, patch, filter, allRefused } = await stage(t);
  const many = 5_000;
  await allRefused(
    [
      `${'('.repeat(many)}userName pr${')'.repeat(many)}`,
      '('.repeat(many),
      ')'.repeat(many),
      `${'not ('.repeat(many)}userName pr${')'.repeat(many)}`,
      `emails${'['.repeat(many)}`,
      `userName pr${' and userName pr'.repeat(many)}`,
    ].map(filter),
    'invalidFilter',
  );
  await allRefused([
    post('['.repeat(many)),
    post(`${'['.repeat(many)}${']'.repeat(many)}`),
    post(user(`"x":${'{"a":'.repeat(many)}1${'}'.repeat(many)}`)),
    patch(patching(`${'['.repeat(many)}${']'.repeat(many)}`)),
    patch(`{"schemas":["${P}"],"Operations":[{"op":"remove","path":"emails${'['.repeat(many)}${']'.repeat(many)}"}]}`),
  ]);
});

test('__proto__, constructor and prototype change nothing but the resource they are sent to, wherever they stand', async (t) => {
  const { post, patch, filter, send, client, id } = await stage(t);
  const bodies = [
    user('"__proto__":{"active":false,"admin":true}'),
    user('"constructor":{"prototype":{"admin":true}}'),
    user('"name":{"__proto__":{"admin":true}}'),
    user('"emails":[{"value":"a","__proto__":{"admin":true}}]'),
    '{"__proto__":{"schemas":[],"userName":"polluted"}}',
  ];
  for (const body of bodies) assert.ok((await post(body)).status < 500, body);
  const paths = [
    '__proto__',
    '__proto__.admin',
    'constructor.prototype.admin',
    'name.__proto__',
    'emails[__proto__ eq \\"x\\"]',
    'toString',
  ];
  for (const path of paths)
    assert.ok(
      (await patch(`{"schemas":["${P}"],"Operations":[{"op":"add","path":"${path}","value":{"admin":true}}]}`)).status <
        500,
    );
  assert.ok(
    (await patch(`{"schemas":["${P}"],"Operations":[{"op":"add","value":{"__proto__":{"admin":true}}}]}`)).status < 500,
  );
  for (const text of ['__proto__ eq "x"', 'constructor.prototype pr', 'name.__proto__ pr', 'hasOwnProperty pr'])
    assert.equal((await filter(text)).status, 400, text);
  for (const name of ['__proto__', 'constructor', 'toString'])
    assert.ok((await send('GET', `/Users?attributes=${name}&sortBy=${name}`, '')).status < 500);
  assert.equal(({} as { admin?: unknown }).admin, undefined);
  assert.deepEqual(Object.keys(Object.prototype), []);
  const after = (await client.get(`/Users/${id}`)).body;
  assert.equal(Object.hasOwn(after, 'admin'), false);
  assert.equal(after.userName, 'ana');
});

test('duplicate keys: one meaning for all who read, and names that differ in case only are refused', async (t) => {
  const { post, client, allRefused } = await stage(t);
  // JSON.parse takes the last one (RFC 8259 §4 leaves it open); nobody else parses the body again.
  const twice = await post(`{"schemas":["${U}"],"userName":"first","userName":"last"}`);
  assert.equal(twice.status, 201, twice.text);
  const found = async (name: string): Promise<number> =>
    (await client.get(`/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`)).body.totalResults;
  assert.deepEqual([await found('first'), await found('last')], [0, 1]);
  await client.delete(`/Users/${JSON.parse(twice.text.slice(twice.text.indexOf('{'))).id}`);
  await allRefused(
    [
      `{"schemas":["${U}"],"userName":"one","USERNAME":"two"}`,
      `{"schemas":["${U}"],"userName":"one","${U}:userName":"two"}`,
      user('"name":{"givenName":"a","GIVENNAME":"b"}'),
      user('"emails":[{"value":"a","Value":"b"}]'),
      user('"active":false,"Active":true'),
    ].map(post),
    'invalidSyntax',
  );
});

test('lone surrogates, in escapes and as bytes, are refused in names and values', async (t) => {
  const { post, patch, allRefused, filter } = await stage(t);
  const bytes = (text: string, raw: readonly number[]): Buffer => {
    const [before, after] = text.split('@@') as [string, string];
    return Buffer.concat([Buffer.from(before), Buffer.from(raw), Buffer.from(after)]);
  };
  await allRefused([
    post(`{"schemas":["${U}"],"userName":"a\\ud800"}`),
    post(`{"schemas":["${U}"],"userName":"\\udfffa"}`),
    post(`{"schemas":["${U}"],"userName":"\\udc00\\ud800"}`),
    post(user('"title":"\\ud83d"')),
    patch(patching('"\\ud800"')),
    // UTF-8 of a surrogate, an overlong slash, a byte that is none, a cut sequence.
    ...[[0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xff], [0xf0, 0x9f, 0x98]].map((raw) =>
      post(bytes(`{"schemas":["${U}"],"userName":"a@@b"}`, raw)),
    ),
  ]);
  for (const value of ['\\ud800', '\\ude00x', '\\udc00\\ud800'])
    assert.equal((await filter(`userName co "${value}"`)).status, 400);
});

test('NUL and other control characters are refused in names, as bytes and as escapes', async (t) => {
  const { post, patch, send, allRefused } = await stage(t);
  await allRefused([
    ...['\\u0000', '\\u0001', '\\u001b', '\\u007f', '\\n', '\u0000', '\n'].map((text) =>
      post(`{"schemas":["${U}"],"userName":"a${text}b"}`),
    ),
    patch(patching('"\\u0000"')),
    patch(patching('"a\\u0008b"')),
    post('\u0000'),
    post(`\u0000{"schemas":["${U}"],"userName":"a"}`),
  ]);
  for (const path of ['/Users/%00', '/Users?filter=userName%20eq%20%22%00%22', '/Users?sortBy=%00'])
    assert.ok((await send('GET', path, '')).status < 500, path);
});

test('huge numbers, and what only looks like a number, are refused where a number is wanted, and harm nowhere else', async (t) => {
  const { post, patch, send, filter, allRefused, unchanged } = await stage(t);
  const numbers = ['1e999', '-1e999', '9'.repeat(400), '1e-999999999', `0.${'0'.repeat(5_000)}1`];
  await allRefused(
    numbers.flatMap((number) => [
      post(user(`"title":${number}`)),
      patch(patching(number)),
      post(user(`"active":${number}`)),
    ]),
  );
  await allRefused(
    ['01', '+1', '.5', '1.', '0x10', 'NaN', 'Infinity', '1_000', '--1'].map((number) =>
      post(user(`"title":${number}`)),
    ),
    'invalidSyntax',
  );
  for (const number of ['1e999', '9'.repeat(400), '-1', '99999999999999999999', '0x10', '1.5', ''])
    for (const name of ['startIndex', 'count']) {
      const { status } = await send('GET', `/Users?${name}=${number}`, '');
      assert.ok(status === 200 || status === 400, `${name}=${number}: ${status}`);
    }
  for (const number of numbers)
    assert.ok([200, 400].includes((await filter(`title eq ${number}`)).status), number.slice(0, 20));
  await unchanged();
});

test('headers that never end, and a body that never comes, are given up by the clock of the service', async (t) => {
  const { app } = await listening(t);
  // Node.js counts the time; what it is told is what counts here, for a test does not wait for it.
  const server = app.server as { headersTimeout?: number; requestTimeout?: number; maxHeadersCount?: number | null };
  assert.deepEqual([server.headersTimeout, server.requestTimeout, server.maxHeadersCount], [10_000, 60_000, 100]);
});
