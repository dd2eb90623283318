import { type Kysely, sql } from 'kysely';
import type { StorePort } from '../../access/ports/store.ts';
import { refuse, ScimError } from '../../errors.ts';
import { digestOfAll, stepDigest } from '../../plan/digest.ts';
import type { Step } from '../../plan/step.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type { HeldTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { about, NAMED } from '../pass/decided.ts';
import { operatorOf } from '../pass/outcome.ts';
import type { SyncContext } from '../state/context.ts';
import { chunked, inOneTurn } from '../state/reading.ts';
import { pausedConnections } from '../state/stored.ts';
import { forgetHeldEvents } from './heldSteps.ts';

type Waiting = Pick<HeldTable, 'step_key' | 'ceiling' | 'step' | 'state'>;

/** Whether anything is stored under a digest, that may be released. */
export async function isHeld(store: StorePort<Tables>, controller: string, digest: string): Promise<boolean> {
  const row = await store.read((db) => heldBy(db, controller, digest).select('digest').limit(1).executeTakeFirst());
  return row !== undefined;
}

function heldBy(db: Kysely<Tables>, controller: string, digest: string) {
  return db
    .selectFrom('held')
    .where('controller', '=', controller)
    .where('digest', '=', digest)
    .where('state', 'in', ['held', 'rejected']);
}

/**
 * Marks what is held under a digest as released, rejected or not; steps that are held later form another batch. The records name each
 * step: by them alone a release counts.
 * @returns `stepDigest`s
 * @throws ScimError PLAN_UNKNOWN; PLAN_ALTERED where what is stored under the digest is not what it names
 */
export async function releaseHeld(context: SyncContext, controller: string, digest: string): Promise<Set<string>> {
  return context.store.write(async (tx) => {
    const rows = await heldBy(tx.db, controller, digest)
      .select(['step_key', 'ceiling', 'step', 'state'])
      .orderBy('step_key')
      .execute();
    if (rows.length === 0) throw new ScimError('PLAN_UNKNOWN', { digest });
    if (!(await isWhatItNames(tx.db, controller, digest, rows))) throw refuse('PLAN_ALTERED', { digest });
    await tx.db
      .updateTable('held')
      .set({ state: 'released' })
      .where('controller', '=', controller)
      .where('digest', '=', digest)
      .where('state', 'in', ['held', 'rejected'])
      .execute();
    const ceilings = [...new Set(rows.map(({ ceiling }) => ceiling))];
    for (let at = 0; at < rows.length; at += NAMED) {
      const part = rows.slice(at, at + NAMED);
      await context.recorder.record(tx, {
        kind: 'plan.released',
        actor: operatorOf(context),
        subject: { kind: 'controller', id: controller },
        body: { digest, ceilings, ...about(part.map(stepIn)), keys: part.map(({ step_key }) => step_key) },
      });
    }
    await forgetHeldEvents(
      tx.db,
      controller,
      rows.map((row) => stepIn(row).person),
    );
    return new Set(rows.map(({ step_key }) => step_key));
  });
}

function stepIn({ step }: Pick<HeldTable, 'step'>): Step {
  return JSON.parse(step) as Step;
}

/**
 * Whether each row shows the step that its key names, and the digest is of what waits under one ceiling, alone or beside what was
 * rejected: whoever can write to the database alone must not put anything under a digest that an operator has looked at (security.md).
 */
async function isWhatItNames(
  db: Kysely<Tables>,
  controller: string,
  digest: string,
  rows: readonly Waiting[],
): Promise<boolean> {
  const [first] = rows;
  if (rows.some((row) => row.ceiling !== first!.ceiling || stepDigest(stepIn(row)) !== row.step_key)) return false;
  // What was rejected keeps the digest of then, whatever of it is wanted still.
  if (rows.every(({ state }) => state === 'rejected')) return true;
  const rejected = await db
    .selectFrom('held')
    .select(['step_key', 'step'])
    .where('controller', '=', controller)
    .where('ceiling', '=', first!.ceiling)
    .where('state', '=', 'rejected')
    .execute();
  const paused = await ofPaused(
    db,
    rejected.flatMap((row) => stepIn(row).person ?? []),
  );
  const own = rows.map(({ step_key }) => step_key);
  // Passes leave out who is of a paused connection.
  const running = rejected.filter((row) => !paused.has(stepIn(row).person ?? ''));
  return [[], rejected, running].some(
    (beside) => digestOfAll([...new Set([...own, ...beside.map(({ step_key }) => step_key)])]) === digest,
  );
}

/** Those of these people whose connection is paused. */
async function ofPaused(db: Kysely<Tables>, people: readonly string[]): Promise<ReadonlySet<string>> {
  const paused = [...(await pausedConnections(db))];
  if (paused.length === 0) return new Set();
  const rows = await chunked(people, inOneTurn, async (part) => {
    const named = sql<boolean>`${among(sql.ref('id'), textRows(part))}`;
    const there = await db.selectFrom('users').select('id').where(named).where('connection', 'in', paused).execute();
    const gone = await db
      .selectFrom('tombstones')
      .select('id')
      .where(named)
      .where('connection', 'in', paused)
      .execute();
    return [...there, ...gone];
  });
  return new Set(rows.map(({ id }) => id));
}
