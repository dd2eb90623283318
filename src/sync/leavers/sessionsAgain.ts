import type { Kysely } from 'kysely';
import type { LeaverResult } from '../../access/ports/controller.ts';
import type { Transaction } from '../../access/ports/store.ts';
import type { Witness } from '../../ledger/witness.ts';
import { leaverOrders } from '../../plan/batch.ts';
import { protection } from '../../plan/protection.ts';
import type { LeaverStep } from '../../plan/step.ts';
import type { Tables } from '../../store/tables.ts';
import { raiseFence } from '../lease/lease.ts';
import { closeIntents, intended, intentWorks } from '../pass/intents.ts';
import type { SyncContext } from '../state/context.ts';
import { type Work, writeInParts } from '../state/parts.ts';
import type { Site } from '../state/site.ts';
import type { StoredStep } from './certificate.ts';
import { type Done, leftAndDone } from './debts.ts';
import { marked } from './leaverOutcome.ts';

/**
 * A login that was under way while sessions were ended is over after the first. After the second, a realm that is told of a departure later
 * than the service lets nobody in any more; not every one leaves a note of a login.
 */
const AGAIN_AFTER_MS = [30_000, 3_600_000];
/** Of sessions that are about to be ended: by which seed they are ended then is known once it was answered. */
const ANY_SEED = '';
/** Most people of one look: somebody who leaves meanwhile enters between two. */
const AT_ONCE = 200;

/**
 * Ends sessions of those who left since then once more, and an hour later. A request with a password that was under way while they were
 * ended may have asked for a remember-me cookie (`?remember_me=on`): Jenkins makes it by the new seed, and keeps nothing by which it could
 * be seen. Nor does it of a login where the realm fires no `loggedIn` (github-oauth, gitlab-oauth).
 * Where nothing is taken away without an operator's word, only those of whom it was said that they leave.
 * @returns whether there are more of them, or nobody knows what became of it
 */
export async function endSessionsAgain(site: Site, since: number): Promise<'more' | 'unknown' | undefined> {
  const { context, config, controller, lease, memory } = site;
  const { store, clock, random, witness } = context;
  const now = clock.now();
  const lately = await store.read((db, breathe) =>
    leftAndDone(db, config.name, { since, unread: memory.unread === true }, breathe),
  );
  const guarded = protection(config, memory.capabilities!);
  const early = lately.filter((row) => endedEarly(row, now) && !guarded.user(row.id));
  const all = config.mode === 'enforce' ? early : await store.read((db) => saidOf(db, early, witness));
  const part = all.slice(0, AT_ONCE);
  if (part.length === 0) return undefined;
  const run = intended({ kind: 'cut', steps: part.map(stepOf) }, random.id());
  const at = new Date(now).toISOString();
  const begun = part.map((row): Work => ({ rows: 2, run: (tx) => leave(tx, row, { mark: ANY_SEED }) }));
  await writeInParts(store, [...begun, ...intentWorks([run], { controller: config.name, fence: lease.fence, at })]);
  const answer = await controller.cut(lease.fence, leaverOrders(run.steps));
  const results = new Map(answer.results.map((result) => [result.id, result]));
  const works = part.flatMap((row) => storing(context, row, results.get(row.id)));
  const state = answer.outcome !== 'done' ? 'unknown' : works.length < part.length ? 'failed' : 'verified';
  const end: Work = { rows: 0, run: ({ db }) => closeIntents(db, run.rows, state, clock.now(), answer.reason) };
  await writeInParts(store, [...works, end]);
  if (answer.outcome === 'unknown') await raiseFence(store, clock, lease);
  if (state === 'unknown') return state;
  return works.length > 0 && all.length > part.length ? 'more' : undefined;
}

/** Those of whom an operator said that they leave, and it was not taken back. */
async function saidOf(db: Kysely<Tables>, rows: readonly Done[], witness: Pick<Witness, 'declared'>): Promise<Done[]> {
  const said: Done[] = [];
  for (const row of rows) if (await witness.declared(db, row.person)) said.push(row);
  return said;
}

/** Whether somebody could have logged in since, and cannot now. */
function endedEarly({ left, started_at, done_at }: Done, now: number): boolean {
  const ended = left.find(({ kind, verified }) => kind === 'end-sessions' && verified);
  // What waits for roles is not done, and may not be for long.
  const done = done_at ?? started_at;
  if (ended === undefined || done === null) return false;
  const at = Date.parse(ended.at);
  return AGAIN_AFTER_MS.some((after) => at < Date.parse(done) + after && at + after <= now);
}

function stepOf({ cause, person, id }: Done): LeaverStep {
  return { kind: 'end-sessions', principal: { type: 'user', id }, person, cause, reasons: [] };
}

/** What was done of it, with the seed that is to stay from now on; what was not is done by the next reading of everything. */
function storing({ recorder }: SyncContext, row: Done, result: LeaverResult | undefined): Work[] {
  const step = result?.steps.find(({ kind, done }) => kind === 'end-sessions' && done);
  if (result === undefined || step === undefined) return [];
  const steps = [{ kind: step.kind, at: new Date(step.at).toISOString(), verified: result.after.signedIn !== true }];
  const [again] = marked(steps, result.after);
  const { controller, person } = row;
  const run: Work['run'] = async (tx) => {
    await leave(tx, row, again!);
    // Most people never logged in on most controllers: nothing was ended there.
    if (step.count === 0) return;
    await recorder.record(tx, {
      kind: `${row.cause}.again`,
      actor: 'sync',
      subject: { kind: 'user', id: person },
      body: { controller, steps, missing: result.missing },
      personal: { jenkinsId: row.id },
    });
  };
  return [{ rows: 5, run }];
}

/** Changes what the step that ended sessions left. */
async function leave({ db }: Transaction<Tables>, row: Done, change: Partial<StoredStep>): Promise<void> {
  const { controller, person, folded_id } = row;
  const state = row.done_at === null ? 'open' : 'done';
  const found = db
    .selectFrom('debts')
    .select('steps')
    .where('controller', '=', controller)
    .where('person', '=', person)
    .where('folded_id', '=', folded_id)
    .where('state', '=', state);
  const stored = JSON.parse((await found.executeTakeFirst())?.steps ?? '[]') as StoredStep[];
  const changed = stored.map((one) => (one.kind === 'end-sessions' ? { ...one, ...change } : one));
  await db
    .updateTable('debts')
    .set({ steps: JSON.stringify(changed) })
    .where('controller', '=', controller)
    .where('person', '=', person)
    .where('folded_id', '=', folded_id)
    .where('state', '=', state)
    .execute();
}
