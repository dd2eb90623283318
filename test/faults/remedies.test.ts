import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR } from '../server/scim/world.ts';
import { FAULTS } from './faults.ts';
import { faulted } from './world.ts';

/** What the caller of a service whose database is in trouble reads, and in how many seconds it may try again. */
const TOLD: Readonly<Record<string, string>> = {
  'lock of another process':
    'The database is locked by another process. Try again. If it stays, look for a command that hangs, or another program that ' +
    'has the file open (on Linux `fuser FILE`).',
  'file taken away':
    'The database could not make the change durable: the file is gone. Look at disk space and permissions, on PostgreSQL at ' +
    'the server, a pooler and the way to them; nothing was acknowledged.',
  'disk full':
    'The database could not make the change durable: the disk is full. Look at disk space and permissions, on PostgreSQL at ' +
    'the server, a pooler and the way to them; nothing was acknowledged.',
};

for (const fault of FAULTS.filter(({ name }) => TOLD[name] !== undefined))
  test(`${fault.code}, ${fault.name}: the caller reads what to do`, { skip: fault.skip ?? false }, async (t) => {
    const world = await faulted(t);
    await world.create('ana');
    const mend = await fault.strike(world, t);
    let answer = await world.create('p0');
    // What is free inside the file may still take somebody.
    for (let n = 1; n < 100 && answer.statusCode === 201; n++) answer = await world.create(`p${n}`);
    await mend();
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.headers['retry-after'], '1');
    assert.deepEqual(answer.json(), { schemas: [ERROR], status: '503', detail: TOLD[fault.name] });
    assert.equal((await world.create('ben')).statusCode, 201);
  });

test('each of them is there', () => {
  const names = FAULTS.map(({ name }) => name);
  assert.deepEqual(
    Object.keys(TOLD).filter((name) => !names.includes(name)),
    [],
  );
});
