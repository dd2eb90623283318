import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLost } from '../../src/store/postgres/failure.ts';
import { Flight } from '../../src/store/postgres/flight.ts';
import { Kept } from '../../src/store/postgres/kept.ts';

const reasons = async (flight: Flight, texts: readonly string[], error: unknown): Promise<unknown[]> => {
  const asked = Promise.allSettled(texts.map((text) => flight.ask(text, [], {})));
  flight.handleError(error);
  return (await asked).map((one) => (one.status === 'rejected' ? one.reason : undefined));
};

test('an error of a statement is its own; those behind it were not run, which they are told', async () => {
  const wrong = Object.assign(new Error('duplicate key'), { code: '23505', severity: 'ERROR' });
  const found = await reasons(new Flight(new Kept({ allowed: false })), ['INSERT', 'COMMIT'], wrong);
  assert.equal(found[0], wrong);
  assert.equal((found[1] as { code: string }).code, '25P02');
});

test('where the connection is lost nobody can say what was run: each statement is told so, the commit too', async () => {
  const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  const found = await reasons(new Flight(new Kept({ allowed: false })), ['INSERT', 'INSERT', 'COMMIT'], lost);
  assert.deepEqual(found, [lost, lost, lost]);
  assert.ok(found.every(isLost));
});
