import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frozenSteps } from '../../src/plan/frozen.ts';
import { verdictSteps } from '../../src/plan/guard/judge.ts';
import type { Claim, DirectoryPerson, IdentityInput } from '../../src/plan/identities.ts';
import { identitySteps } from '../../src/plan/identity.ts';
import { planSteps } from '../../src/plan/planner.ts';
import { guardInput } from './guard/make.ts';
import { claim, grant, identityInput, named, observed, owned, ownership, planInput, role, wanted } from './make.ts';

const MOST = 10_000;
const MANY = 3 * MOST;

/** How many different ones were looked at since it was asked last. */
class Looks {
  readonly #seen = new Set<number>();

  /** The value, whose reading of `key` counts as a look at number `n`. */
  at<T extends object>(n: number, value: T, key: keyof T & string): T {
    const read = value[key];
    const seen = this.#seen;
    return Object.defineProperty(value, key, {
      enumerable: true,
      get: () => {
        seen.add(n);
        return read;
      },
    });
  }

  take(): number {
    const { size } = this.#seen;
    this.#seen.clear();
    return size;
  }
}

/** The most people that one step looked at, and what came of it. */
function largest<T>(steps: Generator<void, T>, looks: Looks): { readonly most: number; readonly value: T } {
  let most = 0;
  looks.take();
  for (;;) {
    const { done, value } = steps.next();
    most = Math.max(most, looks.take());
    if (done === true) return { most, value };
  }
}

/** Nobody is in the order of their ids, as after a merge of connections. */
function crowd(looks: Looks, change: (n: number) => Partial<DirectoryPerson> = () => ({})): DirectoryPerson[] {
  return Array.from({ length: MANY }, (_, n) => {
    const id = `s-${(n * 7_919) % MANY}`;
    return looks.at(n, { id, connection: 'okta', userName: `u-${n}`, active: true, ...change(n) }, 'id');
  });
}

/** A merge of two sorted runs compares the heads of both, so that it looks one further. */
const few = (most: number): void => assert.ok(most <= MOST + 1, `${most} in one step`);

test('who is called what is found out so many people in a step: a first look, a second one, and when all left', () => {
  const looks = new Looks();
  const people = crowd(looks);
  const first = largest(identitySteps(identityInput({ people })), looks);
  few(first.most);
  assert.equal(first.value.store.length, MANY);
  const claims = first.value.store;
  const again = largest(identitySteps(identityInput({ people, claims })), looks);
  few(again.most);
  assert.deepEqual(again.value.store, []);
  const gone = crowd(looks, () => ({ active: false }));
  const left = largest(identitySteps(identityInput({ people: gone, claims })), looks);
  few(left.most);
  assert.equal(left.value.owed.length, MANY);
});

test('so it is where everybody is called otherwise, and where ids are contested', () => {
  const looks = new Looks();
  const people = crowd(looks);
  const claims = people.map(
    ({ id, connection }, n): Claim => ({
      ...{ foldedId: `old-${n}`, id: `old-${n}`, person: id, connection },
      state: 'current',
    }),
  );
  const renamed = largest(identitySteps(identityInput({ people, claims })), looks);
  few(renamed.most);
  assert.equal(renamed.value.owed.length, MANY);
  const pairs = crowd(looks, (n) => ({ userName: `u-${n >> 1}` }));
  const contested = largest(identitySteps(identityInput({ people: pairs })), looks);
  few(contested.most);
  assert.equal(contested.value.findings.length, MANY);
});

test('claims are looked at so many in a step', () => {
  const looks = new Looks();
  const claims = Array.from({ length: MANY }, (_, n): Claim => {
    const id = `u-${n}`;
    return looks.at(n, { foldedId: id, id, person: `s-${n}`, connection: 'okta', state: 'current' }, 'person');
  });
  const input: IdentityInput = identityInput({ claims });
  const { most, value } = largest(identitySteps(input), looks);
  few(most);
  assert.equal(value.owners.size, MANY);
});

test('what is frozen in steps is frozen to its depth', () => {
  const list = Array.from({ length: MANY }, (_, n) => ({ n, inner: { n } }));
  const steps = frozenSteps({ list });
  let stops = 0;
  for (let next = steps.next(); next.done !== true; next = steps.next()) stops += 1;
  assert.ok(stops >= 3);
  assert.ok(Object.isFrozen(list) && list.every((item) => Object.isFrozen(item) && Object.isFrozen(item.inner)));
});

/** Half stay, half left and owe everything; all are in one of many small roles, or all in one large role. */
function leaving(roles: number, looks: Looks) {
  const people = crowd(looks, (n) => ({ active: n % 2 === 0 }));
  const names = Array.from({ length: roles }, (_, n) => `r${n}`);
  const roleOf = (n: number): string => names[n % roles]!;
  const claims = people.map((one) => claim(one.userName, one));
  const identities = named(people, { claims });
  return planInput({
    ...{ people, identities },
    desired: {
      roles: names.map((name) => wanted(name)),
      grants: people.flatMap((one, n) => (one.active ? [grant(roleOf(n), one)] : [])),
    },
    observed: observed(
      ...names.map((name) => {
        const inside = people.flatMap(({ userName }, n) => (roleOf(n) === name ? [{ n, userName }] : []));
        const entries = inside.map(({ n, userName }) => looks.at(n, { type: 'user' as const, id: userName }, 'type'));
        return { ...role(name), entries };
      }),
    ),
    ownership: ownership(
      names,
      people.map((one, n) => looks.at(n, owned(roleOf(n), one.userName, { person: one.id, present: true }), 'role')),
    ),
  });
}

for (const roles of [1, 200])
  test(`a plan for ${MANY} people of whom half leave ${roles} role(s), and the verdict on it, are computed in steps`, () => {
    const looks = new Looks();
    const input = leaving(roles, looks);
    const { most, value } = largest(planSteps(input), looks);
    few(most);
    assert.equal(value.steps.length, (MANY / 2) * 7);
    const plan = { ...value, steps: value.steps.map((step, n) => looks.at(n, { ...step }, 'cause')) };
    const judged = guardInput(input, { plan });
    const verdict = largest(verdictSteps(judged), looks);
    few(verdict.most);
    assert.equal(verdict.value.held.length, value.steps.length);
    assert.ok(verdict.value.held.every(({ ceiling }) => ceiling === 'whole-connection'));
  });
