import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faulted } from '../faults/world.ts';
import { ERROR } from '../server/scim/world.ts';
import { administer, postgresMissing, temporaryDatabase } from './database.ts';

const skip = postgresMissing ?? false;

test('postgres: all connections of the pool busy is a 503 with Retry-After, no hang; /readyz turns; it goes on by itself', {
  skip,
}, async (t) => {
  const world = await faulted(t, { server: await temporaryDatabase(t) });
  const { id } = (await world.create('ana')).json();
  assert.equal(await world.ready(), 200);
  const free = Promise.withResolvers<void>();
  const busy = Array.from({ length: 8 }, () => world.store.read(() => free.promise));
  for (const answer of await Promise.all([1, 2, 3].map(() => world.send('GET', `/Users/${id}`)))) {
    assert.equal(answer.statusCode, 503, answer.body);
    assert.ok(Number(answer.headers['retry-after']) > 0);
    assert.match(String(answer.headers['content-type']), /^application\/scim\+json/);
    assert.deepEqual([answer.json().schemas, answer.json().status], [[ERROR], '503']);
    // Where the token, too, had to be looked up, nobody is known yet who may hear of it.
    assert.match(answer.json().detail, /all 8 connections for reading are busy|the log of the service tells why/);
  }
  assert.equal(await world.ready(), 503);
  free.resolve();
  await Promise.all(busy);
  assert.equal((await world.send('GET', `/Users/${id}`)).statusCode, 200);
  assert.equal(await world.ready('later'), 200);
});

test('postgres: who waits behind a write that does not end is told in time, and the write comes to its end', {
  skip,
}, async (t) => {
  const world = await faulted(t, { server: await temporaryDatabase(t) });
  const free = Promise.withResolvers<void>();
  const slow = world.store.write(async ({ db }) => {
    await db.insertInto('expired').values({ key: 'slow', at: 'now' }).execute();
    await free.promise;
  });
  for (const answer of await Promise.all(['bo', 'cy'].map((name) => world.create(name)))) {
    assert.equal(answer.statusCode, 503, answer.body);
    assert.ok(Number(answer.headers['retry-after']) > 0);
  }
  assert.equal(await world.ready(), 503);
  free.resolve();
  await slow;
  assert.equal((await world.create('bo')).statusCode, 201);
  assert.deepEqual(await world.wholePeople(), ['bo']);
});

test('postgres: a server that gives no further connection serves all with those there are', { skip }, async (t) => {
  const own = new URL(await temporaryDatabase(t));
  const database = own.pathname.slice(1);
  own.username = `limited_${database}`;
  await administer('postgres', `CREATE ROLE ${own.username} LOGIN`);
  await administer('postgres', `ALTER DATABASE ${database} OWNER TO ${own.username}`);
  t.after(() => administer('postgres', `DROP ROLE ${own.username}`));
  const world = await faulted(t, { server: own.href, patience: 5_000 });
  const { id } = (await world.create('ana')).json();
  // One connection writes and one reads; there will be no third.
  assert.equal((await world.send('GET', `/Users/${id}`)).statusCode, 200);
  await administer('postgres', `ALTER ROLE ${own.username} CONNECTION LIMIT 2`);
  const answers = await Promise.all(Array.from({ length: 20 }, () => world.send('GET', `/Users/${id}`)));
  assert.deepEqual([...new Set(answers.map(({ statusCode }) => statusCode))], [200]);
});
