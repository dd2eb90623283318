import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evaluate } from '../../src/policy/evaluate.ts';
import { type Binding, type Facts, nameKey } from '../../src/policy/facts.ts';
import { isNamedSlot, namedIn, namedSlot, ofGroups } from '../../src/policy/named.ts';
import { whyNot } from '../../src/policy/whyNot.ts';
import { CI, codesOf, factsOf, NOW, policyOf } from './scene.ts';

const ROLES = 'roles: { r: { scope: global, preset: browse } }\n';
const POLICY = policyOf(`${ROLES}rules:\n  - { id: interim, user: Ana, grant: r, until: 2027-03-31 }\n`);
const LATER = policyOf(`${ROLES}rules:\n  - { id: interim-2, user: ana, grant: r, until: 2027-03-31 }\n`);

const GROUPS = policyOf(`${ROLES}rules:\n  - { id: all, group: ci-users, grant: r }\n`);

/** Facts of a directory where this SCIM id is called ana. */
function called(id: string, bindings: readonly Binding[] = [], more: Partial<Facts['people'][number]> = {}): Facts {
  const person = { id, connection: 'okta', userName: 'ana', active: true, groups: [], ...more };
  return { ...factsOf({ bindings }), people: [person] };
}
const holders = (facts: Facts, policy = POLICY) => evaluate(policy, facts, CI).grants.map(({ person }) => person);

test('a rule for one person is bound to the first one of that name, active or not', () => {
  const { bind, grants } = evaluate(POLICY, called('p1'), CI);
  assert.deepEqual(
    grants.map(({ person }) => person),
    ['p1'],
  );
  assert.deepEqual(
    bind.map(({ group, state, name, connection }) => [group, state, name, connection]),
    [['p1', 'bound', 'ana', 'okta']],
  );
  const asleep = evaluate(POLICY, called('p1', [], { active: false }), CI);
  assert.deepEqual(asleep.bind, bind);
  assert.deepEqual(asleep.grants, []);
  assert.deepEqual(evaluate(POLICY, called('p1', bind), CI).bind, [], 'it is said once');
});

test('a namesake gets nothing and is told of; the first one goes on', () => {
  const { bind } = evaluate(POLICY, called('p1'), CI);
  const other = evaluate(POLICY, called('p2', bind), CI);
  assert.deepEqual([other.grants, other.frozen, other.bind], [[], [], []]);
  assert.deepEqual(codesOf(other.findings), ['policy.namesake']);
  assert.match(other.findings[0]!.finding, /ana of rule interim is another person now \(p2\).*\(p1\)/);
  assert.equal(other.findings[0]!.line, 4);
  assert.deepEqual(holders(called('p1', bind)), ['p1']);
  assert.match(whyNot(POLICY, called('p2', bind), CI, 'p2')[0]!.missing, /first about \(p1\); another id of the rule/);
  assert.deepEqual(whyNot(POLICY, called('p1', bind), CI, 'p1'), []);
});

test('another id of the rule, another name in it and another connection are met anew; another spelling is not', () => {
  const { bind } = evaluate(POLICY, called('p1'), CI);
  assert.deepEqual(holders(called('p2', bind), LATER), ['p2']);
  const renamed = policyOf(`${ROLES}rules:\n  - { id: interim, user: bo, grant: r, until: 2027-03-31 }\n`);
  assert.deepEqual(holders(called('p3', bind, { userName: 'bo' }), renamed), ['p3']);
  const spelled = policyOf(`${ROLES}rules:\n  - { id: interim, user: aNA, grant: r, until: 2027-03-31 }\n`);
  assert.deepEqual(holders(called('p2', bind), spelled), []);
  const entra = policyOf(`${ROLES}rules:\n  - { id: interim, user: ana, from: entra, grant: r, until: 2027-03-31 }\n`);
  assert.deepEqual(holders(called('p9', bind, { connection: 'entra' }), entra), ['p9']);
});

test('a rule that has ended binds nobody', () => {
  const facts = { ...called('p1'), now: NOW + 365 * 86_400_000 };
  assert.deepEqual(evaluate(POLICY, facts, CI).bind, []);
});

test('whoever has the name one after another, whatever is looked at: the first one that was met holds, nobody else', () => {
  const turn = fc.record({ id: fc.constantFrom('p1', 'p2', 'p3'), active: fc.boolean(), seen: fc.boolean() });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 12 }), (turns) => {
      const stored = new Map<string, Binding>();
      let first: string | undefined;
      for (const { id, active, seen } of turns) {
        if (!seen) continue;
        first ??= id;
        const facts = called(id, [...stored.values()], { active });
        const { grants, bind, findings } = evaluate(POLICY, facts, CI);
        for (const binding of bind) {
          assert.ok(!stored.has(binding.nameKey));
          stored.set(binding.nameKey, binding);
        }
        assert.deepEqual(
          grants.map(({ person }) => person),
          active && id === first ? [id] : [],
        );
        assert.equal(findings.length, id === first ? 0 : 1);
      }
    }),
  );
});

test('a slot says which rule and which name, whatever they are, and no group has one', () => {
  const rule = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/);
  fc.assert(
    fc.property(rule, fc.string({ unit: 'grapheme', minLength: 1 }), fc.string(), (id, user, group) => {
      const slot = namedSlot({ id, subject: { kind: 'user', user, until: 0 } })!;
      assert.ok(isNamedSlot(slot));
      assert.deepEqual(namedIn(slot), { rule: id, nameKey: nameKey(user) });
      const binding = (at: string): Binding => ({ connection: 'okta', nameKey: at, group: 'g', state: 'bound' });
      assert.deepEqual(ofGroups([binding(slot), binding(`g${group}`)]), [binding(`g${group}`)]);
    }),
  );
  assert.equal(namedIn('ci-users'), undefined);
  assert.equal(namedSlot(GROUPS.rules[0]!), undefined);
});
