import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { LedgerEvent } from '../../src/access/ports/recorder.ts';
import { heldPlans, rejectHeld } from '../../src/cli/product/held.ts';
import { ScimError } from '../../src/errors.ts';
import type { HeldTable } from '../../src/store/tables/sync.ts';
import { openTestStore } from '../store/open.ts';

const DIGEST = 'd'.repeat(64);
const SINCE = '2026-11-28T08:00:00.000Z';

/** The same step waits, or waited, on each of these controllers: what is decided on one is not decided on the others. */
async function world(t: TestContext, states: Readonly<Record<string, HeldTable['state']>>) {
  const store = await openTestStore(t);
  const step = JSON.stringify({ kind: 'grant', person: 'ana', role: { type: 'global', name: 'administrator' } });
  await store.write(async ({ db }) => {
    for (const [controller, state] of Object.entries(states)) {
      const row = { controller, step_key: 'k', digest: DIGEST, ceiling: 'gains.administrators', reason: 'too many' };
      await db
        .insertInto('held')
        .values({ ...row, step, since: SINCE, state })
        .execute();
      await db
        .insertInto('guard_events')
        .values({
          ...{ id: controller, at_ms: 1, controller, connection: null, kind: 'administrator-gained', key: 'ana' },
          ...{ person: 'ana', administrative: 1, state: 'held' },
        })
        .execute();
    }
  });
  const recorded: string[] = [];
  const ledger = {
    record: async (_: unknown, { kind, actor, subject, body }: LedgerEvent) =>
      void recorded.push(`${kind} ${actor} ${subject?.id} ${body.digest === DIGEST} ${body.named}`),
  };
  const parts = { store, ledger, operator: 'operator:eve' } as never;
  const stored = async () => {
    const rows = await store.read((db) => db.selectFrom('held').selectAll().orderBy('controller').execute());
    return Object.fromEntries(rows.map(({ controller, state }) => [controller, state]));
  };
  const counted = async () => {
    const rows = await store.read((db) => db.selectFrom('guard_events').select('controller').execute());
    return rows.map(({ controller }) => controller).sort();
  };
  return { store, parts, recorded, stored, counted };
}

test('a rejection is of what waits: what was released elsewhere under the same digest stays released', async (t) => {
  const { parts, recorded, stored, counted } = await world(t, { a: 'held', b: 'released', c: 'rejected', d: 'held' });
  assert.equal(await rejectHeld(parts, DIGEST.slice(0, 8)), 2);
  assert.deepEqual(await stored(), { a: 'rejected', b: 'released', c: 'rejected', d: 'rejected' });
  assert.deepEqual(
    recorded,
    ['a', 'd'].map((name) => `plan.rejected operator:eve ${name} true ana`),
  );
  assert.deepEqual(await counted(), ['b', 'c'], 'what does not wait counts against no ceiling');
});

test('what waits under one digest is listed once, with each of its reasons', async (t) => {
  const { store, parts } = await world(t, { a: 'held' });
  const more = { controller: 'a', digest: DIGEST, ceiling: 'gains.administrators', state: 'held' as const };
  const step = JSON.stringify({ kind: 'grant', person: 'bo' });
  for (const [step_key, reason] of [
    ['k2', 'as said before'],
    ['k3', 'too many'],
  ] as const)
    await store.write(({ db }) =>
      db
        .insertInto('held')
        .values({ ...more, step_key, step, reason, since: '2026-11-28T07:00:00.000Z' })
        .execute(),
    );
  assert.deepEqual(
    (await heldPlans(parts)).map(({ steps, reason, since }) => [steps, reason, since]),
    [[3, 'as said before; too many', '2026-11-28T07:00:00.000Z']],
  );
});

test('a rejection names the steps of its digest alone: by the record others would be silent, too', async (t) => {
  const { store, recorded, parts } = await world(t, { a: 'held' });
  await store.write(async ({ db }) => {
    const row = await db.selectFrom('held').selectAll().executeTakeFirstOrThrow();
    const step = row.step.replace('"ana"', '"bo"');
    await db
      .insertInto('held')
      .values({ ...row, step_key: 'other', digest: 'e'.repeat(64), ceiling: 'unproven', step })
      .execute();
  });
  assert.equal(await rejectHeld(parts, DIGEST), 1);
  assert.deepEqual(recorded, ['plan.rejected operator:eve a true ana']);
  const rows = await store.read((db) => db.selectFrom('held').select(['step_key', 'state']).execute());
  assert.deepEqual(rows.map(({ step_key, state }) => `${step_key} ${state}`).sort(), ['k rejected', 'other held']);
});

test('nothing that waits, nothing to reject', async (t) => {
  const { parts, recorded } = await world(t, { a: 'rejected', b: 'released' });
  await assert.rejects(
    rejectHeld(parts, DIGEST),
    (error) => error instanceof ScimError && error.code === 'PLAN_UNKNOWN',
  );
  assert.deepEqual(recorded, []);
});

test('what waits and what was rejected is listed, the oldest first; what was released is not', async (t) => {
  const { parts } = await world(t, { a: 'held', b: 'rejected', c: 'released' });
  const listed = (await heldPlans(parts)).map(({ controller, steps, reason }) => `${controller} ${steps} ${reason}`);
  assert.deepEqual(listed.sort(), ['a 1 too many', 'b 1 rejected; too many']);
});
