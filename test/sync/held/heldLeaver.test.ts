import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebtsTable, HeldTable } from '../../../src/store/tables/sync.ts';
import { heldLeaver } from '../../../src/sync/held/heldLeaver.ts';
import { openTestStore } from '../../store/open.ts';

test('what holds somebody who left is what waits of them at that id, on that controller', async (t) => {
  const store = await openTestStore(t);
  let key = 0;
  const wait = (reason: string, more: Partial<HeldTable> = {}, step: Record<string, unknown> = {}) =>
    store.write(({ db }) =>
      db
        .insertInto('held')
        .values({
          ...{
            controller: 'ci',
            step_key: `key-${String(++key).padStart(2, '0')}`,
            digest: 'd',
            ceiling: 'mode',
            reason,
          },
          ...{ state: 'held', since: '2026-11-01T00:00:00.000Z' },
          step: JSON.stringify({
            ...{ kind: 'revoke-tokens', person: 'p1', principal: { type: 'user', id: 'ana' }, cause: 'leaver' },
            ...step,
          }),
          ...more,
        })
        .execute(),
    );
  const told = (state: 'open' | 'held' = 'held', cause: 'leaver' | 'old-id' = 'leaver') =>
    store.read((db) => heldLeaver(db, { controller: 'ci', folded_id: 'ana', person: 'p1', id: 'ana', state, cause }));
  await wait('of another controller', { controller: 'cd' });
  await wait('of another person', {}, { person: 'p10' });
  await wait('at another id', {}, { principal: { type: 'user', id: 'former' } });
  await wait('of a grant', {}, { kind: 'revoke', role: { type: 'item', name: 'r' } });
  await wait('released', { state: 'released' });
  assert.equal(await told(), undefined);
  await wait('refused', { state: 'rejected' });
  await wait('behind it');
  assert.equal(
    await told(),
    'everything: held by mode, refused, and a release was refused; `leaver USER --now` lets it go',
  );
  assert.equal(
    await told('held', 'old-id'),
    'everything: held by mode, refused, and a release was refused',
    'of who did not leave there is no order for one',
  );
  assert.equal(await told('open'), undefined);
});

test('of several who owe at one id, what holds one of them holds all: told as theirs where they wait themselves', async (t) => {
  const store = await openTestStore(t);
  const AT = '2026-11-01T00:00:00.000Z';
  const owes = (person: string, id: string, more: Partial<DebtsTable> = {}) =>
    store.write(({ db }) =>
      db
        .insertInto('debts')
        .values({
          ...{ controller: 'ci', folded_id: 'ana', id, person, connection: 'okta', cause: 'leaver', received_at: AT },
          ...{
            request: null,
            credential: null,
            state: 'held',
            due_ms: 0,
            started_at: null,
            done_at: null,
            steps: '[]',
          },
          ...{ missing: '[]', residual: '[]', attempts: 0, alarmed: 0, error: null, released: 0, ...more },
        })
        .execute(),
    );
  const waits = (person: string, id: string, reason: string) =>
    store.write(({ db }) =>
      db
        .insertInto('held')
        .values({
          ...{
            controller: 'ci',
            step_key: `${person} ${id}`,
            digest: 'd',
            ceiling: 'mode',
            reason,
            state: 'held',
            since: AT,
          },
          step: JSON.stringify({ kind: 'revoke-tokens', person, principal: { type: 'user', id }, cause: 'leaver' }),
        })
        .execute(),
    );
  const told = () =>
    store.read((db) =>
      heldLeaver(db, { controller: 'ci', folded_id: 'ana', person: 'p5', id: 'ana', state: 'held', cause: 'leaver' }),
    );
  for (const [person, more] of [
    ['p1', { controller: 'cd' }],
    ['p2', { folded_id: 'other' }],
    ['p3', { state: 'open' }],
  ] as const) {
    await owes(person, 'ana', more);
    await waits(person, 'ana', `of ${person}`);
  }
  assert.equal(await told(), undefined);
  for (const person of ['p7', 'p6']) {
    await owes(person, 'Ana');
    await waits(person, 'Ana', `of ${person}`);
  }
  const everything = (reason: string) => `everything: held by mode, ${reason}; \`leaver USER --now\` lets it go`;
  assert.equal(await told(), everything('of p6'));
  await waits('p5', 'ana', 'of p5');
  assert.equal(await told(), everything('of p5'));
});
