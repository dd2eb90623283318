import assert from 'node:assert/strict';
import { test } from 'node:test';
import { campaign } from './campaign.ts';
import { mutated } from './requests.ts';

// A taste of it with each test run; `npm run fuzz` sends 100,000 and more, from another seed each time.
const CASES = 2_000;

test('hostile requests: no 5xx, SCIM errors only, and nothing is stored for what was refused', async (t) => {
  const { cases, seed, statuses, slowest } = await campaign(CASES, 20_261_124, () => performance.now());
  t.diagnostic(`${cases} cases, seed ${seed}, slowest volley ${Math.round(slowest)} ms`);
  for (const status of [200, 201, 204, 400, 404, 405, 409, 412, 415])
    assert.ok((statuses.get(status) ?? 0) > 0, `no case was answered with ${status}: the cases are too tame`);
  assert.ok(cases >= CASES);
});

test('a seed repeats its cases', () => {
  for (const number of [0, 1, -7, 2 ** 31 - 1]) assert.deepEqual(mutated(number), mutated(number));
});
