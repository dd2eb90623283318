import { type Kysely, sql } from 'kysely';
import type { StorePort } from '../../access/ports/store.ts';
import { digestOf, digestOfAll, stepDigest } from '../../plan/digest.ts';
import { waitsForRelease } from '../../plan/guard/ceiling.ts';
import { whyHeld } from '../../plan/guard/group.ts';
import { isLeaverStep, type Step } from '../../plan/step.ts';
import type { HeldTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import type { Assessment } from '../pass/assessment.ts';
import { partsOf } from '../state/parts.ts';

type Db = Kysely<Tables>;

/** What waits for a release from now on, under one ceiling. */
export interface NewlyHeld {
  readonly ceiling: string;
  readonly reason: string;
  readonly steps: readonly Step[];
}

/** What waits now; what waited before and is wanted no more, or goes, is forgotten. @returns what did not wait before */
export async function storeHeld(
  db: Db,
  { controller, plan, situation, verdict, unsaid }: Assessment,
  at: string,
): Promise<readonly NewlyHeld[]> {
  const groups = new Map<string, Step[]>();
  for (const { step, ceiling } of verdict.held) groups.set(ceiling, [...(groups.get(ceiling) ?? []), step]);
  const before = new Map(situation.held.map((row) => [row.step_key, row]));
  const now = new Set(verdict.held.map(({ step }) => stepDigest(step)));
  const { whom, except } = situation;
  let steps: Set<string> | undefined;
  const wanted = (): Set<string> => {
    steps ??= new Set(plan.steps.map(stepDigest));
    return steps;
  };
  const gone: { readonly key: string; readonly person: string | undefined }[] = [];
  const changed = new Set<string>();
  for (const row of situation.held) {
    const person = (JSON.parse(row.step) as Step).person;
    const judged = person === undefined ? whom === 'all' : !except.has(person) && (whom === 'all' || whom.has(person));
    if (!judged || now.has(row.step_key)) continue;
    // A release holds until the step is done or not wanted any more: the controller may fail just then.
    if (row.state === 'released' && wanted().has(row.step_key)) continue;
    gone.push({ key: row.step_key, person });
    // The digest of the others names what was rejected, too.
    if (row.state !== 'released') changed.add(row.ceiling);
  }
  for (const part of partsOf(gone))
    await db
      .deleteFrom('held')
      .where('controller', '=', controller.name)
      .where(
        'step_key',
        'in',
        part.map(({ key }) => key),
      )
      .execute();
  const waited = situation.debts.flatMap(({ state, cause, person }) =>
    state === 'held' && cause === 'leaver' ? [person] : [],
  );
  const going = new Set(waited.length === 0 ? [] : verdict.go.filter(isLeaverStep).map(({ person }) => person));
  // A row of several people who left one id, one after the other, names one of them.
  await forgetHeldEvents(db, controller.name, [
    ...gone.map(({ person }) => person),
    ...waited.filter((person) => going.has(person)),
  ]);
  const digests = new Map([...groups].map(([ceiling, steps]) => [ceiling, digestOf(steps)]));
  const rows = new Map<string, HeldTable>();
  const fresh: (typeof verdict.held)[number][] = [];
  for (const { step, ceiling, reason } of verdict.held) {
    const key = stepDigest(step);
    const known = before.get(key);
    const waits = known?.ceiling === ceiling;
    const vain = waits && (known?.state === 'released' || unsaid.has(key));
    // What somebody said about it stands while it is wanted, whatever it waits for now; but a release that lets nothing through is
    // none, nor is a rejection that nobody said.
    if (known !== undefined && known.state !== 'held' && !vain) continue;
    const text = JSON.stringify(step);
    if (whom !== 'all' && waits && !vain && known.step === text) continue;
    if (vain) changed.add(ceiling);
    if (!waits && waitsForRelease(ceiling)) fresh.push({ step, ceiling, reason });
    if (!waits) for (const one of [ceiling, ...(known === undefined ? [] : [known.ceiling])]) changed.add(one);
    // What was said first stays: later judgements only repeat that it waits.
    const why = waits ? known.reason : reason;
    const digest = whom !== 'all' && waits ? known.digest : digests.get(ceiling)!;
    const values = { digest, ceiling, reason: why, step: text, since: known?.since ?? at };
    rows.set(key, { controller: controller.name, step_key: key, ...values, state: 'held' });
  }
  for (const part of partsOf([...unsaid]))
    await db
      .updateTable('held')
      .set({ state: 'held' })
      .where('controller', '=', controller.name)
      .where('step_key', 'in', part)
      .where('state', '=', 'rejected')
      .execute();
  for (const part of partsOf([...rows.values()])) await putHeld(db, part);
  if (whom !== 'all') await regroup(db, controller.name, changed);
  return [...Map.groupBy(fresh, ({ ceiling }) => ceiling)].map(([ceiling, items]) => ({
    ...{ ceiling, reason: whyHeld(items.map(({ reason }) => reason)) },
    steps: items.map(({ step }) => step),
  }));
}

/**
 * A release that was carried out whole is spent.
 * @param done the steps of the verdict that this pass did; what it left to the next one is released still
 */
export async function spendReleases(
  store: StorePort<Tables>,
  { controller, situation, verdict }: Assessment,
  done: readonly Step[] = verdict.go,
): Promise<void> {
  const released = new Set(situation.held.flatMap(({ state, step_key }) => (state === 'released' ? [step_key] : [])));
  if (released.size === 0) return;
  const did = new Set(done);
  for (const step of verdict.go) if (!did.has(step)) released.delete(stepDigest(step));
  const spent = done.map(stepDigest).filter((key) => released.has(key));
  for (const part of partsOf(spent))
    await store.write(({ db }) =>
      db
        .deleteFrom('held')
        .where('controller', '=', controller.name)
        .where('state', '=', 'released')
        .where('step_key', 'in', part)
        .execute(),
    );
}

/** A row that was rejected is left as it is: somebody said so since it was read. A release that is none is taken back. */
async function putHeld(db: Db, rows: readonly HeldTable[]): Promise<void> {
  await db
    .insertInto('held')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['controller', 'step_key']).doUpdateSet(({ ref }) => ({
        ...{ digest: ref('excluded.digest'), ceiling: ref('excluded.ceiling'), reason: ref('excluded.reason') },
        step: ref('excluded.step'),
        state: sql<HeldTable['state']>`CASE WHEN held.state = 'released' THEN 'held' ELSE held.state END`,
      })),
    )
    .execute();
}

/** What does not wait any more counts against no ceiling; what still waits is counted again by the next judgement. */
export async function forgetHeldEvents(
  db: Db,
  controller: string,
  people: readonly (string | undefined)[],
): Promise<void> {
  const known = [...new Set(people)].flatMap((person) => person ?? []);
  const held = db.deleteFrom('guard_events').where('controller', '=', controller).where('state', '=', 'held');
  for (const part of partsOf(known)) await held.where('person', 'in', part).execute();
  if (people.includes(undefined)) await held.where('person', 'is', null).execute();
}

/**
 * The digest names all steps that wait under one ceiling, rejected ones too, as a plan shows it: where a partial pass adds or takes some,
 * those of others have a new one.
 */
async function regroup(db: Db, controller: string, ceilings: ReadonlySet<string>): Promise<void> {
  for (const ceiling of ceilings) {
    const rows = await db
      .selectFrom('held')
      .select('step_key')
      .where('controller', '=', controller)
      .where('ceiling', '=', ceiling)
      .where('state', 'in', ['held', 'rejected'])
      .execute();
    const digest = digestOfAll(rows.map(({ step_key }) => step_key));
    await db
      .updateTable('held')
      .set({ digest })
      .where('controller', '=', controller)
      .where('ceiling', '=', ceiling)
      .where('state', '=', 'held')
      .where('digest', '!=', digest)
      .execute();
  }
}
