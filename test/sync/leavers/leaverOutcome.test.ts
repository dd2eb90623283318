import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeaverResult, LeaverStepKind, Observed, PersonState } from '../../../src/access/ports/controller.ts';
import type { LeaverConfig } from '../../../src/config/leaver.ts';
import type { LeaverStep } from '../../../src/plan/step.ts';
import type { StoredStep } from '../../../src/sync/leavers/certificate.ts';
import { cameBack, type Falling, marked, proofOf, proven, putBack } from '../../../src/sync/leavers/leaverOutcome.ts';

const GONE: PersonState = {
  ...{ id: 'ana', tokens: [], sshKeys: 0, sshSessions: 0, password: false, credentials: 0 },
  ...{ runningBuilds: 0, queuedBuilds: 0, entries: [] },
};
const TOKEN = { uuid: 'u', name: 'n', legacy: false };
const entry = (role: string, more: Partial<PersonState['entries'][number]> = {}): PersonState['entries'][number] => ({
  ...{ type: 'global', role, principal: { type: 'user', id: 'ana' } },
  ...more,
});
const named = (role: string): NonNullable<LeaverStep['entries']>[number] => ({
  role: { type: 'global', name: role },
  principal: { type: 'user', id: 'ana' },
});

test('a step is proven by what was read after it, and by nothing else that is there', () => {
  const standing: [LeaverStepKind, Partial<PersonState>][] = [
    ['revoke-tokens', { tokens: [TOKEN] }],
    ['remove-ssh-keys', { sshKeys: 1 }],
    ['close-ssh-sessions', { sshSessions: 1 }],
    ['remove-entries', { entries: [entry('a')] }],
    ['delete-record', { record: 'ana' }],
    ['end-sessions', { signedIn: true }],
  ];
  for (const [kind] of standing)
    for (const [other, state] of standing)
      assert.equal(proven(kind, { ...GONE, ...state }), kind !== other, `${kind} where ${other} is not done`);
  for (const kind of ['scramble-password', 'second-cut'] as const) assert.equal(proven(kind, GONE), true);
  assert.equal(proven('second-cut', { ...GONE, tokens: [TOKEN] }), false);
  assert.equal(proven('second-cut', { ...GONE, sshKeys: 1 }), false);
});

test('where some entries were named, each of them has to be gone, and only they', () => {
  const exact = [named('a'), named('b')];
  const left = (...entries: PersonState['entries'][number][]) => proven('remove-entries', { ...GONE, entries }, exact);
  assert.equal(left(), true);
  assert.equal(left(entry('c')), true, 'made by hand');
  for (const role of ['a', 'b']) assert.equal(left(entry('c'), entry(role)), false, role);
  assert.equal(left(entry('a', { type: 'item' })), true, 'a role of another type');
  assert.equal(left(entry('a', { principal: { type: 'either', id: 'ana' } })), true, 'an entry of another kind');
  assert.equal(left(entry('a', { principal: { type: 'user', id: 'Ana' } })), true, 'of another spelling');
});

const EMPTY = { roles: [], entries: [] } as unknown as Observed;
const step = (kind: LeaverStepKind, more: Partial<LeaverStep> = {}): LeaverStep =>
  ({ kind, id: 'ana', person: 'p', cause: 'leaver', ...more }) as LeaverStep;
const result = (more: Partial<LeaverResult>): LeaverResult => ({
  ...{ id: 'ana', steps: [], missing: [], after: GONE },
  ...more,
});

test('a departure is settled when every step owed is proven or cannot be done there, and nothing failed', () => {
  const owed = [step('revoke-tokens'), step('remove-ssh-keys')];
  const did = (...kinds: LeaverStepKind[]) => kinds.map((kind) => ({ kind, at: 0, done: true }));
  const settled = (more: Partial<LeaverResult>) => proofOf(owed, owed, result(more), EMPTY, undefined).settled;
  assert.equal(settled({ steps: did('revoke-tokens', 'remove-ssh-keys') }), true);
  assert.equal(settled({ steps: did('revoke-tokens'), missing: ['remove-ssh-keys'] }), true);
  assert.equal(settled({ steps: did('revoke-tokens') }), false, 'one is not done');
  assert.equal(settled({ steps: did('revoke-tokens', 'remove-ssh-keys'), error: 'no' }), false);
  const undone = [{ kind: 'revoke-tokens' as const, at: 0, done: false }, ...did('remove-ssh-keys')];
  assert.equal(settled({ steps: undone }), false, 'it says that it did not');
  const after = { ...GONE, tokens: [TOKEN] };
  assert.equal(settled({ steps: did('revoke-tokens', 'remove-ssh-keys'), after }), false, 'it says so, and is wrong');
});

test('steps have their times by the controller, and whether a later reading proved them', () => {
  const steps = [
    { kind: 'revoke-tokens' as const, at: 1_000, done: true },
    { kind: 'remove-ssh-keys' as const, at: 2_000, done: true },
    { kind: 'end-sessions' as const, at: 3_000, done: false },
  ];
  const read = result({ steps, after: { ...GONE, sshKeys: 1 }, missing: ['scramble-password'] });
  const proof = proofOf([], [], read, EMPTY, undefined);
  assert.deepEqual(proof.steps, [
    { kind: 'revoke-tokens', at: '1970-01-01T00:00:01.000Z', verified: true },
    { kind: 'remove-ssh-keys', at: '1970-01-01T00:00:02.000Z', verified: false },
    { kind: 'end-sessions', at: '1970-01-01T00:00:03.000Z', verified: false },
  ]);
  assert.deepEqual(proof.missing, ['scramble-password']);
});

test('only a step that names entries exactly is judged by them', () => {
  const done = [{ kind: 'remove-entries' as const, at: 0, done: true }];
  const after = { ...GONE, entries: [entry('by-hand')] };
  const settled = (ordered: LeaverStep) =>
    proofOf([ordered], [ordered], result({ steps: done, after }), EMPTY, undefined).settled;
  assert.equal(settled(step('remove-entries', { entries: [named('a')], exactly: true })), true);
  assert.equal(settled(step('remove-entries', { entries: [named('a')] })), false);
  const other = step('revoke-tokens', { entries: [named('a')], exactly: true } as Partial<LeaverStep>);
  assert.equal(
    proofOf([other], [step('remove-entries')], result({ steps: done, after }), EMPTY, undefined).settled,
    false,
  );
});

test('who left can act again with an entry, a token, a key or a session, where the configuration takes them', () => {
  const again = (more: Partial<PersonState>, keep: Partial<Falling['leaver']> = {}) =>
    cameBack(
      { ...GONE, ...more },
      {
        leaver: { tokens: 'revoke', sshKeys: 'remove', sessions: 'end', grants: 'all', ...keep },
        isProtected: ({ type, name }) => type === 'global' && name === 'guarded',
      },
    );
  assert.equal(again({}), false);
  assert.equal(again({ record: 'ana', password: true, credentials: 1, runningBuilds: 1 }), false);
  const cases: [Partial<PersonState>, Partial<Falling['leaver']>][] = [
    [{ tokens: [TOKEN] }, { tokens: 'keep' }],
    [{ sshKeys: 1 }, { sshKeys: 'keep' }],
    [{ sshSessions: 1 }, { sshKeys: 'keep' }],
    [{ signedIn: true }, { sessions: 'keep' }],
    [{ entries: [entry('a')] }, { grants: 'managed' }],
  ];
  for (const [there, keep] of cases) {
    assert.equal(again(there), true);
    assert.equal(again(there, keep), false);
    const others = { tokens: 'keep', sshKeys: 'keep', grants: 'managed', ...keepless(keep) } as const;
    assert.equal(again(there, others), true);
  }
  assert.equal(again({ entries: [entry('guarded')] }), false);
  assert.equal(again({ entries: [entry('guarded'), entry('a')] }), true);
  assert.equal(again({ entries: [entry('guarded', { type: 'item' })] }), true);
});

/** What takes the one thing that this would keep. */
function keepless(keep: Partial<Falling['leaver']>): Partial<Falling['leaver']> {
  if (keep.tokens !== undefined) return { tokens: 'revoke' };
  if (keep.sessions !== undefined) return { sessions: 'end' };
  return keep.sshKeys === undefined ? { grants: 'all' } : { sshKeys: 'remove' };
}

test('a password or a seed is put back where it is not what the step left, and no other change counts', () => {
  const done = (kind: LeaverStepKind) => ({ kind, at: 'now', verified: true });
  const marks = { password: 'p', seed: 's' };
  const there = { ...GONE, record: 'ana', marks };
  const left = marked([done('revoke-tokens'), done('scramble-password'), done('end-sessions')], there);
  assert.deepEqual(
    left.map((step) => step.mark),
    [undefined, 'p', 's'],
  );
  assert.equal(back(left, there), false);
  assert.equal(back(left, { ...there, marks: { ...marks, password: 'old' } }), true);
  assert.equal(back(left, { ...there, marks: { ...marks, seed: 'old' } }), true);
  assert.equal(back(marked([done('end-sessions')], there), { ...there, marks: { ...marks, password: 'new' } }), false);
  assert.equal(back(left, GONE), false, 'a record in memory only is made anew with another seed');
  assert.equal(back(marked([done('end-sessions')], GONE), there), false, 'there was nothing to compare with');
  const deleted = [done('delete-record')];
  assert.equal(back(deleted, { ...there, password: true }, 'keep'), true);
  assert.equal(back(deleted, there), false, 'anybody’s look at an id makes such a record');
  assert.equal(back([{ ...done('delete-record'), verified: false }], { ...there, password: true }, 'keep'), false);
});

test('a password where none was scrambled is put back, unless passwords are kept; a record without one is not', () => {
  const done = { kind: 'scramble-password' as const, at: 'now', verified: true };
  const there = { ...GONE, record: 'ana', password: true, marks: { password: 'p', seed: 's' } };
  const none = marked([done], GONE);
  for (const left of [[], none]) {
    assert.equal(back(left, there), true);
    assert.equal(back(left, there, 'keep'), false);
    assert.equal(back(left, { ...there, password: false }), false);
  }
  assert.equal(back([done], there), false, 'what was done before there were marks tells nothing');
});

function back(left: readonly StoredStep[], state: PersonState, password: LeaverConfig['password'] = 'scramble') {
  return putBack(left, state, { password });
}
