import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Done, Release, Witness } from '../../../src/ledger/witness.ts';
import { stepDigest } from '../../../src/plan/digest.ts';
import type { Step } from '../../../src/plan/step.ts';
import { vouchedFor } from '../../../src/sync/held/vouched.ts';

const NOW = 1_800_000_000_000;

function grant(person: string): Step {
  const principal = { type: 'user', id: person } as const;
  const role = { type: 'global', name: 'administrator' } as const;
  return { kind: 'grant', role, principal, person, reasons: [], cause: 'gain', administrative: true };
}

/** States of rows that say of each step that it was released, by what the records tell: `person state`. */
async function vouched(releases: readonly Release[], records: readonly Done[]): Promise<string[]> {
  const steps = ['ana', 'bo'].map(grant);
  const rows = steps.map((step) => ({ step_key: stepDigest(step), step: JSON.stringify(step), state: 'released' }));
  const witness = {
    releases: async () => releases.toSorted((a, b) => b.id - a.id),
    doneSince: async (_db: unknown, _controller: string, people: readonly string[], since: number) =>
      records.filter(({ id, person }) => id > since && person !== undefined && people.includes(person)),
  };
  const found = await vouchedFor(
    {} as never,
    { controller: 'ci', steps },
    rows as never,
    witness as unknown as Witness,
    NOW,
  );
  return found.map(({ step, state }) => `${(JSON.parse(step) as Step).person} ${state}`);
}

const release = (id: number, person: string, ago = 0): Release => ({
  ...{ id, at: NOW - ago, keys: [stepDigest(grant(person))], named: [person] },
});
const done = (id: number, person: string): Done => ({
  ...{ id, kind: 'grant.added', person, rules: [], role: 'global:administrator' },
});

test('a release that was carried out is spent, whatever was released of others since; one that was said anew is not', async () => {
  const [ana, bo] = [release(10, 'ana'), release(20, 'bo')];
  assert.deepEqual(await vouched([ana, bo], []), ['ana released', 'bo released']);
  assert.deepEqual(await vouched([ana, bo], [done(15, 'ana')]), ['ana held', 'bo released']);
  assert.deepEqual(await vouched([ana, bo, release(30, 'ana')], [done(15, 'ana')]), ['ana released', 'bo released']);
  assert.deepEqual(
    await vouched([ana], [done(9, 'ana')]),
    ['ana released', 'bo held'],
    'nobody released what bo gains',
  );
});

test('a release of a gain counts for a day', async () => {
  const day = 86_400_000;
  assert.deepEqual(await vouched([release(10, 'ana', day - 1), release(20, 'bo', day)], []), [
    'ana released',
    'bo held',
  ]);
});
