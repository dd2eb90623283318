import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../../src/cli/edge.ts';
import { OwnUses } from '../../../src/sync/uses/ownUses.ts';
import { noteUses } from '../../../src/sync/uses/usesNoted.ts';
import { openTestStore } from '../../store/open.ts';

test('PROPERTY: nobody else is meant who was not there, and all are found as soon as a look has nobody of ours beside it', async (t) => {
  const store = await openTestStore(t);
  const context = { clock: systemClock, recorder: { record: async () => {}, recordAll: async () => {} } };
  const act = fc.record({
    process: fc.nat(2),
    what: fc.constantFrom('use', 'use', 'unsent', 'lost', 'settle', 'other', 'look', 'look'),
    times: fc.integer({ min: 1, max: 35 }),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
      const name = `ci-${++run}`;
      const processes = [0, 1, 2].map(() => new OwnUses(store, systemClock, name));
      let [uses, lost, others, found, fullAt] = [0, 0, 0, 0, 0];
      const look = async (): Promise<void> => {
        const seen = { counted: true, tokens: [{ uuid: 'a', uses }] };
        found += await store.write(async (tx) => {
          const row = await tx.db
            .selectFrom('token_uses')
            .selectAll()
            .where('controller', '=', name)
            .executeTakeFirst();
          const known = { name, user: 'jenkins-scim', seen, lastFullAt: row!.full_ms, ended: row!.ended };
          return noteUses(context as never, tx, { ...known, fullAt: ++fullAt });
        });
        assert.ok(found <= others, `${found} of ${others}`);
      };
      const ask = async (count: OwnUses, counted: boolean, used: boolean): Promise<void> => {
        await count.begin();
        uses += counted ? 1 : 0;
        count.end(used);
      };
      await ask(processes[0]!, true, true);
      await processes[0]!.settle();
      await look();
      for (const { process, what, times } of acts) {
        const count = processes[process]!;
        if (what === 'settle') await count.settle();
        else if (what === 'look') await look();
        else if (what === 'other') {
          uses += 1;
          others += 1;
        } else if (what === 'lost') {
          // It went, and the controller never had it.
          await ask(count, false, true);
          lost += 1;
        } else for (let n = 0; n < times; n++) await ask(count, what === 'use', what === 'use');
      }
      for (const count of processes) await count.settle();
      await look();
      assert.ok(others - lost <= found, `${found} of ${others}, ${lost} were lost`);
      uses += 1;
      others += 1;
      const before = found;
      await look();
      assert.equal(found, before + 1, 'what was lost before hides nobody later');
    }),
    { numRuns: 150 },
  );
});
