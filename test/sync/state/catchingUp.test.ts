import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KyselyPlugin, type OperationNode, RawNode, TableNode } from 'kysely';
import { refuse } from '../../../src/errors.ts';
import type { Store } from '../../../src/store/store.ts';
import { PART } from '../../../src/sync/state/parts.ts';
import { debtRows, entryRows } from '../rows.ts';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

const PEOPLE = 1_300;
/** Rows go together, records too. */
const MOST_STATEMENTS = 30;
/** Of a step that is done its entry, its record, and what in that is personal. */
const MOST_ROWS = 3 * PART + 60;

interface Written {
  statements: number;
  rows: number;
  /** Statements that put several records into the ledger. */
  records: number;
}

function isTable(node: OperationNode | undefined, name: string): boolean {
  if (node !== undefined && RawNode.is(node)) return isTable(node.parameters[0], name);
  return node !== undefined && TableNode.is(node) && node.table.identifier.name === name;
}

/** Counts what each transaction does: whoever wants to write meanwhile waits for all of it. */
function counting() {
  const writes: Written[] = [];
  const state = { failing: (_: Written): boolean => false };
  const store = (real: Store): Store => ({
    ...real,
    write: (work) =>
      real.write(async (tx) => {
        const written = { statements: 0, rows: 0, records: 0 };
        const counter: KyselyPlugin = {
          transformQuery: ({ node }) => {
            if (RawNode.is(node) && isTable(node, 'ledger')) written.records += 1;
            return node;
          },
          transformResult: async ({ result }) => {
            written.statements += 1;
            written.rows += Number(result.numAffectedRows ?? 0n);
            return result;
          },
        };
        const value = await work({ ...tx, db: tx.db.withPlugin(counter) });
        if (state.failing(written)) throw refuse('STORE_FAILED', { reason: 'the disk is full' });
        writes.push(written);
        return value;
      }),
  });
  const most = (what: keyof Written): number => Math.max(...writes.map((write) => write[what]));
  return { writes, state, store, most };
}

const names = Array.from({ length: PEOPLE }, (_, n) => `p${n}`);

async function crowd(world: SyncWorld): Promise<void> {
  await Promise.all(names.map((name) => world.person(name)));
  await world.group('ci-pay-dev', names);
}

const granted = async (world: SyncWorld): Promise<number> =>
  (await world.ledger.records(0, 100_000)).filter(({ kind }) => kind === 'grant.added').length;

test('a reconciler that catches up writes in small parts: nobody waits for more than one of them', async (t) => {
  const counted = counting();
  const world = await syncWorld(t, { start: false, store: counted.store });
  await crowd(world);
  counted.writes.length = 0;
  world.start();
  await eventually(() => world.holders('pay-developer').length === PEOPLE, 'effective', 60_000);
  const pending = () => world.store.read((db) => db.selectFrom('pending').select('id').execute());
  await eventually(async () => (await pending()).length === 0, 'all marks are answered', 60_000);
  await world.stop();
  assert.ok(counted.most('statements') <= MOST_STATEMENTS, `${counted.most('statements')} statements`);
  assert.ok(counted.most('rows') <= MOST_ROWS, `${counted.most('rows')} rows`);
  const all = counted.writes.reduce((sum, { statements }) => sum + statements, 0);
  assert.ok(all < PEOPLE / 8, `${all} statements for ${PEOPLE} people: rows go together`);
  assert.equal((await entryRows(world)).filter(({ verified, desired }) => verified + desired === 2).length, PEOPLE);
  await world.ledger.seal();
  assert.equal(await granted(world), PEOPLE);
});

test('so does one that takes away from many who left at once', async (t) => {
  const counted = counting();
  const more =
    'guard: { losses: { disableUsers: { count: 9999, percent: 100 }, revokeGrants: { count: 9999, percent: 100 } } }';
  const world = await syncWorld(t, { start: false, store: counted.store, more });
  await crowd(world);
  world.start();
  await eventually(() => world.holders('pay-developer').length === PEOPLE, 'effective', 60_000);
  await world.stop();
  // A whole connection at once would wait for a person.
  const leavers = names.slice(1);
  await Promise.all(leavers.map((name) => world.change(name, { active: false })));
  counted.writes.length = 0;
  world.start();
  const open = async () => (await debtRows(world)).filter(({ state }) => state !== 'done').length;
  await eventually(() => world.holders('pay-developer').length === 1, 'gone', 60_000);
  await eventually(
    async () => (await debtRows(world)).length === leavers.length && (await open()) === 0,
    'paid',
    60_000,
  );
  await world.stop();
  const all = counted.writes.reduce((sum, { statements }) => sum + statements, 0);
  assert.ok(all < PEOPLE / 2, `${all} statements for ${PEOPLE} people`);
  assert.ok(counted.most('statements') <= MOST_STATEMENTS, `${counted.most('statements')} statements`);
});

test('a database that fails between two parts of an outcome loses none of it and tells nothing twice', async (t) => {
  const counted = counting();
  const world = await syncWorld(t, { start: false, store: counted.store });
  await crowd(world);
  let told = 0;
  // The second part of what came of the batch: records of the first are durable by then.
  counted.state.failing = ({ records }) => records > 0 && ++told === 2;
  world.start();
  await eventually(() => told > 2, 'it goes on', 60_000);
  const rows = async () => (await entryRows(world)).filter(({ verified }) => verified === 1).length;
  await eventually(async () => (await rows()) === PEOPLE, 'all is stored', 60_000);
  await world.stop();
  await world.ledger.seal();
  assert.equal(await granted(world), PEOPLE);
});
