import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchOf, leaverOrders } from '../../src/plan/batch.ts';
import { makePlan } from '../../src/plan/planner.ts';
import { grant, key, named, observed, owned, ownership, person, planInput, role, wanted } from './make.ts';

const ana = person('okta/ana');
const bob = person('okta/bob');

test('a batch has the changes in their order and one precondition per touched role', () => {
  const before = observed(role('old', ['ana', 'bob']), role('calm'));
  const input = planInput({
    people: [ana, bob],
    desired: { roles: [wanted('dev')], grants: [grant('dev', ana), grant('dev', bob)] },
    observed: before,
    ownership: ownership(['old'], [owned('old', 'ana'), owned('old', 'bob')]),
  });
  const { changes, preconditions } = batchOf(makePlan(input).steps, before);
  assert.deepEqual(
    changes.map((change) => ('principal' in change ? `${change.op} ${change.principal.id}` : change.op)),
    ['create-role', 'grant ana', 'grant bob', 'revoke ana', 'revoke bob'],
  );
  assert.deepEqual(preconditions, [
    { role: key('dev'), digest: 'absent' },
    { role: key('old'), digest: before.roles[0]?.digest },
  ]);
});

test('leaver steps are no changes of the strategy, and the other way round', () => {
  const gone = { ...ana, active: false };
  const input = planInput({
    people: [gone, bob],
    identities: named([gone, bob], { claims: [...named([ana, bob]).owners.values()] }),
    desired: { roles: [wanted('dev')], grants: [grant('dev', bob)] },
    observed: observed(role('dev', ['ana'])),
    ownership: ownership(['dev']),
  });
  const { steps } = makePlan(input);
  assert.deepEqual(
    batchOf(steps, input.observed).changes.map(({ op }) => op),
    ['grant'],
  );
  assert.deepEqual(
    leaverOrders(steps).map(({ id }) => id),
    ['ana'],
  );
  const credentials = leaverOrders(steps.filter(({ kind }) => kind !== 'remove-entries'));
  assert.deepEqual(credentials[0]?.entries, [], 'a removal that is held removes nothing');
});
