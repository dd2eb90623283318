import { systemTimers } from '../../src/cli/edge.ts';
import type { ConnectionName } from './configuration.ts';
import { CONTROLLERS, type ControllerName } from './controllers.ts';
import { alive } from './processes.ts';
import type { Walker } from './walker.ts';

const FULL = 15 * 60_000;
const TURNS = 1_500;

/** Until nothing is marked, pending, owed and due, or ordered; `full`: and everything was read since. @throws where that never is */
export async function atRest(walker: Walker, full: boolean): Promise<void> {
  const { house } = walker;
  let since = house.time.now();
  if (full) {
    house.time.forward(3_000);
    since = house.time.now();
    house.time.forward(FULL + 1_000);
  }
  let calm = 0;
  let last = '';
  for (let turn = 0; turn < TURNS && calm < 3; turn++) {
    alive(walker);
    await systemTimers.sleep(3);
    const { busy, told } = await business(walker, full, since);
    const print = `${told} ${CONTROLLERS.map((name) => house.practices[name].look.saves)}`;
    if (busy === '' && print === last) calm++;
    else calm = 0;
    last = print;
    house.time.forward(full ? 1_500 : 250);
    if (turn === TURNS - 1) throw new Error(`it does not come to rest: ${busy} ${told}, after ${turn} turns`);
  }
}

/** What is to be done yet, in words, and how much is stored of entries. */
async function business(walker: Walker, full: boolean, since: number): Promise<{ busy: string; told: string }> {
  const now = walker.house.time.now();
  const observing = new Set(CONTROLLERS.filter((name) => walker.reads(name)));
  return walker.house.store.read(async (db) => {
    const dirty = await db.selectFrom('dirty').select('id').execute();
    const pending = (await db.selectFrom('pending').select(['controller', 'id']).execute()).filter(({ controller }) =>
      observing.has(controller as ControllerName),
    );
    const debts = (await db.selectFrom('debts').selectAll().execute()).filter(
      (debt) =>
        debt.state === 'open' &&
        !walker.oracle.paused.has(debt.connection as ConnectionName) &&
        (debt.due_ms <= now || (full && debt.cause !== 'unentitled')) &&
        walker.works(debt.controller as ControllerName),
    );
    const rows = await db.selectFrom('controllers').selectAll().execute();
    const unread = full
      ? [...observing].filter((name) => (rows.find((row) => row.name === name)?.full_ms ?? 0) < since)
      : [];
    const busy = [
      dirty.length > 0 ? `${dirty.length} dirty` : '',
      pending.length > 0 ? `${pending.length} pending on ${pending.map(({ controller }) => controller)}` : '',
      debts.length > 0
        ? `debts ${debts.map((debt) => `${debt.controller} ${debt.id} ${debt.cause} ${debt.error}`)}`
        : '',
      unread.length > 0 ? `unread ${unread} ${rows.map(({ name, error }) => `${name}: ${error}`)}` : '',
    ]
      .filter((part) => part !== '')
      .join(', ');
    const entries = await db
      .selectFrom('entries')
      .select(['controller', 'role_name', 'sid', 'desired', 'verified'])
      .execute();
    return { busy, told: JSON.stringify(entries).length.toString() };
  });
}

/** What was begun on these controllers, and of which nobody knows what became of it. */
export async function unsettled({ house }: Walker, names: readonly ControllerName[]): Promise<string[]> {
  const open = await house.store.read((db) =>
    db
      .selectFrom('intents')
      .select(['controller', 'kind', 'state'])
      .where('state', 'in', ['open', 'unknown'])
      .execute(),
  );
  return open
    .filter(({ controller }) => names.includes(controller as ControllerName))
    .map(({ controller, kind, state }) => `${controller}: ${kind} is ${state} though everything was read since`);
}
