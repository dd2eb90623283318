import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StrategyChange } from '../../src/access/ports/controller.ts';
import { type RoleKey, type RoleType, roleKey } from '../../src/access/role.ts';
import { writeLetter } from '../../src/jenkins/envelope.ts';
import type { Change } from '../../src/jenkins/strategies/role-strategy/apply.ts';
import { firstLetter, toChanges } from '../../src/jenkins/strategies/role-strategy/batch.ts';
import { fromWord, toWord } from '../../src/jenkins/strategies/role-strategy/entry.ts';

const role = fc.record({
  type: fc.constantFrom<RoleType>('global', 'item', 'agent'),
  name: fc.constantFrom('a', 'b', 'a:b'),
});
const principal = fc.record({
  type: fc.constantFrom('user' as const, 'group' as const, 'either' as const),
  id: fc.constantFrom('x', 'y', '', 'ux'),
});
const change: fc.Arbitrary<StrategyChange> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constantFrom('grant' as const, 'revoke' as const), role, principal }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constantFrom('create-role' as const, 'update-role' as const),
      role: role.map((key) => ({ ...key, pattern: '.*', permissions: ['p'] })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete-role' as const), role }) },
);

type State = Map<string, Set<string>>;

/** What a list of roles holds after one change, told in words. */
function step(state: State, op: string, key: RoleKey, words: readonly string[]): void {
  const name = roleKey(key);
  if (op === 'delete') state.delete(name);
  else if (op === 'create') state.set(name, new Set());
  else for (const word of words) state.get(name)?.[op === 'grant' ? 'add' : 'delete'](word);
}

const OPS = {
  'create-role': 'create',
  'update-role': 'update',
  'delete-role': 'delete',
  grant: 'grant',
  revoke: 'revoke',
};

test('putting grants together changes nothing of what a batch does', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const [one, other]: State[] = [new Map(), new Map()];
      for (const item of changes)
        step(one!, OPS[item.op], item.role, 'principal' in item ? [toWord(item.principal)] : []);
      for (const item of toChanges(changes)) step(other!, item.op, item, 'entries' in item ? item.entries : []);
      assert.deepEqual(other, one);
    }),
  );
});

test('all gains of a run stay before the losses that follow them', () => {
  const dev: RoleKey = { type: 'item', name: 'dev' };
  const ops: RoleKey = { type: 'item', name: 'ops' };
  const ana = { type: 'user', id: 'ana' } as const;
  const changes: StrategyChange[] = [
    { op: 'grant', role: dev, principal: ana },
    { op: 'grant', role: ops, principal: ana },
    { op: 'grant', role: dev, principal: { type: 'group', id: 'g' } },
    { op: 'revoke', role: ops, principal: ana },
    { op: 'grant', role: ops, principal: ana },
  ];
  assert.deepEqual(toChanges(changes), [
    { op: 'grant', type: 'item', name: 'dev', entries: ['uana', 'gg'] },
    { op: 'grant', type: 'item', name: 'ops', entries: ['uana'] },
    { op: 'revoke', type: 'item', name: 'ops', entries: ['uana'] },
    { op: 'grant', type: 'item', name: 'ops', entries: ['uana'] },
  ]);
});

test('an entry is one word, and no two entries are the same word', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('user' as const, 'group' as const, 'either' as const),
      fc.string({ unit: 'binary' }),
      (type, id) => {
        assert.deepEqual(fromWord(toWord({ type, id })), { type, id });
      },
    ),
  );
});

test('letters take every change once, in order, and each is small or a single change', () => {
  const size = fc.integer({ min: 1, max: 400_000 });
  fc.assert(
    fc.property(fc.array(size, { maxLength: 12 }), (sizes) => {
      const changes = sizes.map(
        (length, at): Change => ({ op: 'delete', type: 'item', name: `${at}${'x'.repeat(length)}` }),
      );
      const sent: Change[] = [];
      let left: readonly Change[] = changes;
      while (left.length > 0) {
        const letter = firstLetter(left);
        assert.ok(letter.length > 0);
        assert.ok(letter.length === 1 || JSON.stringify(letter).length < 601_000);
        sent.push(...letter);
        left = left.slice(letter.length);
      }
      assert.deepEqual(sent, changes);
    }),
    { numRuns: 30 },
  );
});

test('a call with names of any script stays below a megabyte', () => {
  const role: RoleKey = { type: 'item', name: '漢'.repeat(200) };
  const grants = Array.from(
    { length: 5000 },
    (_, at): StrategyChange => ({ op: 'grant', role, principal: { type: 'user', id: `${'漢'.repeat(70)}${at}` } }),
  );
  let left: readonly Change[] = toChanges(grants);
  while (left.length > 0) {
    const letter = firstLetter(left);
    const text = writeLetter({ parameters: JSON.stringify(letter), sentinel: '0'.repeat(32), text: '' });
    assert.ok(encodeURIComponent(text).length < 1_000_000);
    left = left.slice(letter.length);
  }
});
