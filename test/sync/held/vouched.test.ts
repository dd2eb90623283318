import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Done, Rejection, Release, Witness } from '../../../src/ledger/witness.ts';
import { stepDigest } from '../../../src/plan/digest.ts';
import type { GrantStep, Step } from '../../../src/plan/step.ts';
import { neverRejected, vouchedFor } from '../../../src/sync/held/vouched.ts';

const NOW = 1_800_000_000_000;

function grant(person: string): GrantStep {
  const principal = { type: 'user', id: person } as const;
  const role = { type: 'global', name: 'administrator' } as const;
  return { kind: 'grant', role, principal, person, reasons: [], cause: 'gain', administrative: true };
}

/** What an account gains that the policy names. */
function account(): Step {
  const { person: _, ...step } = grant('svc');
  return step;
}

/** States of rows that say of each step that it was released, by what the records tell: `person state`. */
async function vouched(
  releases: readonly Release[],
  records: readonly Done[],
  steps: readonly Step[] = ['ana', 'bo'].map(grant),
): Promise<string[]> {
  const rows = steps.map((step) => ({ step_key: stepDigest(step), step: JSON.stringify(step), state: 'released' }));
  const witness = {
    releases: async () => releases.toSorted((a, b) => b.id - a.id),
    doneSince: async (_db: unknown, _controller: string, people: readonly string[], since: number) =>
      records.filter(({ id, person }) => id > since && (person === undefined || people.includes(person))),
  };
  const found = await vouchedFor(
    {} as never,
    { controller: 'ci', steps },
    rows as never,
    witness as unknown as Witness,
    NOW,
  );
  return found.map(({ step, state }) => `${(JSON.parse(step) as Step).person ?? 'an account'} ${state}`);
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
  assert.deepEqual(await vouched([ana], [done(25, 'ana'), done(15, 'ana')]), ['ana held', 'bo held']);
  assert.deepEqual(await vouched([release(20, 'ana')], [done(25, 'ana'), done(15, 'ana')]), ['ana held', 'bo held']);
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

test('a release of a gain is about whom it names; a loss needs no haste', async () => {
  assert.deepEqual(await vouched([{ ...release(10, 'ana'), named: ['bo'] }], []), ['ana held', 'bo held']);
  const revoke: Step = { ...grant('ana'), kind: 'revoke', cause: 'unentitled' };
  const long = { id: 10, at: NOW - 86_400_000 * 9, keys: [stepDigest(revoke)], named: ['ana'] };
  assert.deepEqual(await vouched([long], [done(15, 'ana')], [revoke]), ['ana released']);
});

test('what a release gave an account that the policy names is told by the rules of the step, by any of them', async () => {
  const step = { ...account(), reasons: [{ rule: 'one' }, { rule: 'two' }] } as unknown as Step;
  const released = { id: 10, at: NOW, keys: [stepDigest(step)], named: [] };
  const by = (id: number, rules: readonly string[]): Done => ({
    ...{ id, kind: 'grant.added', rules, role: 'global:administrator' },
  });
  assert.deepEqual(await vouched([released], [by(15, ['other']), done(15, 'svc')], [step]), ['an account released']);
  assert.deepEqual(await vouched([released], [by(15, ['other', 'two'])], [step]), ['an account held']);
});

/** Of rows that say of these people's steps that they were rejected, those that no record says so of. */
async function unsaid(
  rejections: readonly Rejection[],
  { releases = [] as readonly Release[], wanted = ['ana', 'bo'], rows = ['ana', 'bo'] } = {},
): Promise<string[]> {
  const rejected = rows.map((person) => {
    const step = grant(person);
    return { step_key: stepDigest(step), digest: `digest of ${person}`, step: JSON.stringify(step), state: 'rejected' };
  });
  const waits = { ...rejected[0], state: 'held', step_key: 'waits' };
  const witness = { rejections: async () => rejections, releases: async () => releases };
  const found = await neverRejected(
    {} as never,
    { controller: 'ci', steps: wanted.map(grant) },
    [...rejected, waits] as never,
    witness as unknown as Witness,
    async () => {},
  );
  return rows.filter((person) => found.has(stepDigest(grant(person))));
}

const rejection = (id: number, person: string, change: Partial<Rejection> = {}): Rejection => ({
  ...{ id, digest: `digest of ${person}`, keys: [stepDigest(grant(person))], named: [person], people: 1, ...change },
});
/** As records of before 28 November 2026 have it. */
const older = (id: number, person: string, change: Partial<Rejection> = {}): Rejection => {
  const { keys: _, ...rest } = rejection(id, person, change);
  return rest;
};

test('a rejection stands by a record that names the step and the person, until a later release', async () => {
  assert.deepEqual(await unsaid([rejection(20, 'ana')]), ['bo']);
  assert.deepEqual(await unsaid([rejection(20, 'ana'), rejection(10, 'bo')]), []);
  assert.deepEqual(await unsaid([rejection(20, 'ana', { named: ['zoe'] })]), ['ana', 'bo']);
  assert.deepEqual(await unsaid([rejection(20, 'ana', { keys: ['of another step'] })]), ['ana', 'bo']);
  const both = [rejection(20, 'ana'), rejection(10, 'bo')];
  assert.deepEqual(await unsaid(both, { releases: [release(21, 'ana'), release(9, 'bo')] }), ['ana']);
  assert.deepEqual(await unsaid(both, { releases: [release(19, 'ana')] }), []);
  assert.deepEqual(await unsaid(both, { releases: [release(21, 'ana'), release(15, 'ana')] }), ['ana']);
  const again = [rejection(30, 'ana'), rejection(10, 'ana'), rejection(10, 'bo')];
  assert.deepEqual(await unsaid(again, { releases: [release(20, 'ana')] }), [], 'it was rejected anew');
});

test('an older record names no steps: it stands for its digest, and where it left some out, for anybody', async () => {
  assert.deepEqual(await unsaid([older(20, 'ana')]), ['bo']);
  assert.deepEqual(await unsaid([older(20, 'ana', { named: ['zoe'] })]), ['ana', 'bo']);
  assert.deepEqual(await unsaid([older(20, 'ana', { named: ['zoe'], people: 2 })]), ['bo']);
  assert.deepEqual(
    await unsaid([older(20, 'ana'), older(10, 'ana', { named: ['zoe'] }), older(10, 'bo')]),
    [],
    'the last one counts',
  );
  assert.deepEqual(await unsaid([rejection(20, 'zoe', { digest: 'digest of ana' })]), ['ana', 'bo']);
});

test('a rejection about somebody is none about who has the id now; one that is not wanted stays as it is', async () => {
  const both = [rejection(20, 'ana'), rejection(10, 'bo')];
  assert.deepEqual(await unsaid(both, { wanted: [] }), []);
  const steps = [{ ...grant('ana'), person: 'zoe' }, grant('bo')];
  const row = {
    step_key: stepDigest(grant('ana')),
    digest: 'd',
    step: JSON.stringify(grant('ana')),
    state: 'rejected',
  };
  const witness = { rejections: async () => both, releases: async () => [] } as unknown as Witness;
  const others = (wanted: readonly Step[]) =>
    neverRejected({} as never, { controller: 'ci', steps: wanted }, [row] as never, witness, async () => {});
  assert.deepEqual([...(await others(steps))], [row.step_key]);
  assert.deepEqual([...(await others([...steps, grant('ana')]))], [], 'both want it');
});

test('a rejection of what is of nobody stands by the record that names the step', async () => {
  const step = account();
  const key = stepDigest(step);
  const row = { step_key: key, digest: 'd', step: JSON.stringify(step), state: 'rejected' };
  const by = (keys: readonly string[]) => {
    const said = [{ id: 10, digest: 'of then', keys, named: [], people: 0 }];
    const witness = { rejections: async () => said, releases: async () => [] } as unknown as Witness;
    return neverRejected({} as never, { controller: 'ci', steps: [step] }, [row] as never, witness, async () => {});
  };
  assert.deepEqual([...(await by([key]))], []);
  assert.deepEqual([...(await by(['of another step']))], [key]);
});

test('a row that does not say it was released is left as it is', async () => {
  const steps = [grant('ana'), grant('bo'), grant('cy')];
  const states = ['rejected', 'held', 'released'] as const;
  const rows = steps.map((step, n) => ({ step_key: stepDigest(step), step: JSON.stringify(step), state: states[n] }));
  const all = ['ana', 'bo'].map((person, n) => release(10 + n, person));
  const witness = { releases: async () => all, doneSince: async () => [] } as unknown as Witness;
  const found = await vouchedFor({} as never, { controller: 'ci', steps }, rows as never, witness, NOW);
  assert.deepEqual(
    found.map(({ state }) => state),
    ['rejected', 'held', 'held'],
  );
});

test('where nothing was rejected, or nobody said so, no more is read', async () => {
  const read: string[] = [];
  const witness = {
    rejections: async () => [read.push('rejections')].slice(1),
    releases: async () => [read.push('releases')].slice(1),
  } as unknown as Witness;
  const asked = (state: string) =>
    neverRejected(
      {} as never,
      { controller: 'ci', steps: [] },
      [{ step_key: 'k', digest: 'd', step: '{}', state }] as never,
      witness,
      async () => {},
    );
  assert.deepEqual([...(await asked('held')), read.length], [0]);
  assert.deepEqual([...(await asked('rejected')), ...read], ['k', 'rejections']);
});
