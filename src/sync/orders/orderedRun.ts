import type { Kysely } from 'kysely';
import type { Tables } from '../../store/tables.ts';
import { wordsAbout } from '../leavers/declared.ts';
import { type Pending, pendingOf } from '../pace/distribute.ts';
import { leavingMarks, unknownMarks } from '../pace/urgency.ts';
import { takesBack } from '../pass/assessment.ts';
import { type PassOptions, pass } from '../pass/pass.ts';
import type { Settlement } from '../pass/performed.ts';
import type { Scope } from '../pass/situation.ts';
import type { Site } from '../state/site.ts';
import { leaverOrderWaits } from './commands.ts';

/** What the passes of one order did so far; kept beside them, so that a failure half-way loses none of it. */
export interface Tally {
  verified: number;
  failed: number;
  held: number;
  /** Told at once of what has to be looked at again: a loss of an administrator, or a leaver. */
  readonly risky: () => void;
}

export interface OrderedOptions extends PassOptions {
  /** Whether it answers every mark that waits, or what an operator said of one person; they are read anew for each pass. */
  readonly everyMark?: boolean;
  readonly wordsAbout?: string;
  /** Carries out what was ordered for one person who has to leave, between two batches. */
  readonly leaverOrders: () => Promise<void>;
}

function marksOf(db: Kysely<Tables>, controller: string, { everyMark, wordsAbout: person, pending }: OrderedOptions) {
  if (everyMark === true) return pendingOf(db, controller, EVERY_MARK);
  return person === undefined ? Promise.resolve(pending) : wordsAbout(db, controller, person);
}

/** Marks of one order, however many. */
const EVERY_MARK = 1_000_000;

/**
 * The passes of one order. Whoever left meanwhile, or waited when it began, goes before the next batch (semantics §4); then the
 * order goes on, and everything counts.
 * @returns why the rest of it was not carried out, where something stopped it
 */
export async function runOrder(
  site: Site,
  tally: Tally,
  scope: Scope,
  options: OrderedOptions,
): Promise<string | undefined> {
  const { context, config, controller, lease, memory } = site;
  const { store } = context;
  const settled = ({ verified, recheck }: Settlement): void => {
    tally.verified += verified;
    if (recheck) tally.risky();
  };
  let tookBack = false;
  for (let round = 1; ; round++) {
    const known = await store.read((db) => marksOf(db, config.name, options));
    const leavers: Pending[] = [];
    // Only a first pass gives way before it did anything: each later one is further when it does.
    const urgent = async (done: number): Promise<boolean> => {
      if (done === 0 && round > 1) return false;
      leavers.push(...unknownMarks(await store.read((db) => leavingMarks(db, config.name)), known ?? []));
      return leavers.length > 0 || leaverOrderWaits(store, config.name);
    };
    const result = await pass(context, config, controller, lease, memory, scope, {
      ...options,
      ...(known === undefined ? {} : { pending: known }),
      urgent,
      settled,
    });
    tally.failed += result.failed;
    tally.held = result.held;
    if (result.stopped?.kind !== 'interrupted') {
      // What is taken back though it is wanted waits from now on: another pass says so, before anybody is told that this is all.
      const done = tookBack || result.stopped !== undefined || result.failed > 0 || !takesBack(result.assessed);
      if (done) return result.stopped?.reason;
      tookBack = true;
      continue;
    }
    options.say?.(`${config.name}: ${result.stopped.reason}`);
    if (leavers.length > 0) {
      const whom = leavers.map(({ id }) => ({ kind: 'user' as const, id }));
      const gone = { by: 'automatic' as const, pending: leavers, settled };
      tally.failed += (await pass(context, config, controller, lease, memory, whom, gone)).failed;
    }
    await options.leaverOrders();
  }
}
