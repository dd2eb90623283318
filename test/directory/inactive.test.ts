import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { Store } from '../../src/store/store.ts';
import { crowd, ENTRA, OKTA, openBench } from './open.ts';

type Counts = Readonly<Record<string, number>>;

/** People who are not active, by connection: what is kept, and what is there. Nobody is 0. */
async function inactive(store: Store): Promise<{ kept: Counts; there: Counts }> {
  return store.read(async (db) => {
    const { rows } = await sql<{ name: string; value: number; there: number }>`
      SELECT substr(name, 10) AS name, value, (SELECT count(*) FROM users WHERE active = 0 AND connection = substr(name, 10)) AS there
      FROM counters WHERE name LIKE 'inactive:%'`.execute(db);
    const total = await sql<{ count: number }>`SELECT count(*) AS count FROM users WHERE active = 0`.execute(db);
    const there = Object.fromEntries(rows.map((row) => [row.name, Number(row.there)]));
    const sum = Object.values(there).reduce((so, far) => so + far, 0);
    assert.equal(sum, Number(total.rows[0]!.count), 'each connection with somebody inactive has a number');
    return { kept: Object.fromEntries(rows.map((row) => [row.name, Number(row.value)])), there };
  });
}

const deed = fc.record({
  what: fc.constantFrom('create', 'change', 'delete', 'past the directory'),
  who: fc.nat(5),
  active: fc.boolean(),
  connection: fc.constantFrom(OKTA, ENTRA),
});

test('people who are not active are counted whatever happens to them, by whoever writes', async (t) => {
  const bench = await openBench(t);
  const there: { id: string; as: typeof OKTA }[] = [];
  let made = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 8 }), async (deeds) => {
      for (const { what, who, active, connection } of deeds) {
        const at = who % Math.max(1, there.length);
        const one = there[at];
        if (what === 'create' || one === undefined)
          there.push({ id: await bench.user(`user${made++}`, { active }, connection), as: connection });
        else if (what === 'change')
          await bench.directory.changeUser(one.as, one.id, (now) => ({ ...now, active, title: `t${made++}` }));
        else if (what === 'delete') {
          await bench.directory.deleteUser(one.as, one.id);
          there.splice(at, 1);
        } else
          await bench.store.write(async ({ db }) => {
            await db
              .updateTable('users')
              .set({ active: active ? 1 : 0 })
              .where('id', '=', one.id)
              .execute();
          });
      }
      const { kept, there: counted } = await inactive(bench.store);
      assert.deepEqual(kept, counted);
    }),
    { numRuns: 25 },
  );
});

test('many who leave by one statement are counted one by one, and nobody twice', async (t) => {
  const bench = await openBench(t);
  await crowd(bench, 300);
  const leave = async (active: 0 | 1, below: number): Promise<void> => {
    await bench.store.write(async ({ db }) => {
      const ids = await db.selectFrom('users').select('id').orderBy('user_name').limit(below).execute();
      const named = ids.map(({ id }) => id);
      await db.updateTable('users').set({ active }).where('id', 'in', named).execute();
    });
  };
  await leave(0, 120);
  await leave(0, 200);
  assert.deepEqual((await inactive(bench.store)).kept, { okta: 200 });
  await leave(1, 50);
  assert.deepEqual((await inactive(bench.store)).kept, { okta: 150 });
});
