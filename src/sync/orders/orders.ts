import { OPERATOR } from '../../access/operator.ts';
import { refuse, ScimError } from '../../errors.ts';
import { stepDigest } from '../../plan/digest.ts';
import { planDocument } from '../../plan/print/document.ts';
import { parseSaved, stillHolds } from '../../plan/saved.ts';
import type { Step } from '../../plan/step.ts';
import { isHeld, releaseHeld } from '../held/releaseHeld.ts';
import { refold } from '../ids/refold.ts';
import { announce, leased } from '../lease/leased.ts';
import { type Proving, reproveLeavers } from '../leavers/debts.ts';
import { askEarlier } from '../older/askEarlier.ts';
import { revokeOlder } from '../older/revokeOlder.ts';
import { noteRead } from '../pace/problems.ts';
import type { Assessment } from '../pass/assessment.ts';
import { operatorOf } from '../pass/outcome.ts';
import { settleIntents } from '../pass/settle.ts';
import type { Scope } from '../pass/situation.ts';
import { viewOf } from '../pass/view.ts';
import type { SyncContext } from '../state/context.ts';
import { liveOf } from '../state/memory.ts';
import type { Site } from '../state/site.ts';
import { answer, type Command, nextCommand, type Order } from './commands.ts';
import { type OrderedOptions, runOrder, type Tally } from './orderedRun.ts';
import { stoppedBy } from './stopped.ts';

/** What an order did on one controller, as the command line prints it; `error`: why it could not be done at all. */
export interface Applied {
  readonly controller: string;
  readonly verified: number;
  readonly failed: number;
  readonly held: number;
  readonly error?: string;
}

type Say = (text: string) => void;

/** The answer to an order: what was done, or why nothing was. */
interface Executed {
  readonly failed: boolean;
  readonly value: Applied | { readonly code: string; readonly details: unknown };
}

/**
 * Carries out a command and stores the answer; whoever asked gets one, whatever happens.
 * @param risky told at once of what has to be looked at again: a loss of an administrator, or a leaver
 */
export async function obey(site: Site, command: Command, risky: () => void): Promise<void> {
  try {
    await answer(site.context, command, await execute(site, command.order, { risky }));
  } catch (error) {
    const value = { error: error instanceof Error ? error.message : String(error) };
    await answer(site.context, command, { failed: true, value });
    throw error;
  }
}

/** Carries out what a person ordered, over a fresh reading. Refusals are answers, not failures of the service. */
export async function execute(
  at: Site,
  order: Order,
  { say = () => {}, risky = () => {} }: { readonly say?: Say; readonly risky?: () => void } = {},
): Promise<Executed> {
  const site = { ...at, context: { ...at.context, operator: order.by ?? OPERATOR } };
  const { context, config, controller, lease, memory } = site;
  const tally: Tally = { verified: 0, failed: 0, held: 0, risky };
  const applied = (error: string | undefined): Applied => ({
    controller: config.name,
    verified: tally.verified,
    failed: tally.failed,
    held: tally.held,
    ...(error === undefined ? {} : { error }),
  });
  try {
    // Whoever asked may have done so before that was known.
    const stopped = await context.store.read((db) => stoppedBy(db, config));
    if (stopped !== undefined) return { failed: true, value: applied(stopped) };
    say(`${config.name}: reading`);
    delete memory.observed;
    delete memory.capabilities;
    await announce(context, controller, lease);
    const { observed } = await liveOf(context, controller, memory);
    await refold(leased(context, lease), config.name, memory);
    await settleIntents(leased(context, lease), config.name, observed);
    const left = await carryOut(site, tally, order, say);
    // Whatever was in the way was perhaps met by another process: an order by hand may run beside no service, too.
    memory.troubled = observed.unread === undefined;
    await noteRead(leased(context, lease), config.name, memory);
    if (observed.unread !== undefined)
      throw refuse('JEN_STRATEGY', { controller: config.name, reason: observed.unread });
    return { failed: false, value: applied(left) };
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    const nothingDone = tally.verified + tally.failed === 0;
    if (error.code.startsWith('PLAN_') && nothingDone)
      return { failed: true, value: { code: error.code, details: error.details } };
    return { failed: true, value: applied(`${error.code}: ${error.message}`) };
  }
}

/** @returns why the rest was not carried out, where something stopped it */
async function carryOut(site: Site, tally: Tally, order: Order, say: Say): Promise<string | undefined> {
  const { context, config, controller, lease, memory } = site;
  const prove = (proving: Proving = {}): Promise<number> => {
    const { capabilities, unread = false } = memory;
    const known = capabilities === undefined ? {} : { capabilities };
    return reproveLeavers(leased(context, lease), config, controller, { ...proving, ...known, unread });
  };
  const leaverOrders = async (): Promise<void> => {
    for (;;) {
      const command = await nextCommand(context, config.name, 'leaver');
      if (command === undefined) return;
      await obey(site, command, tally.risky);
    }
  };
  const run = (scope: Scope, options: Omit<OrderedOptions, 'say' | 'leaverOrders'>): Promise<string | undefined> =>
    runOrder(site, tally, scope, { ...options, say, leaverOrders });
  switch (order.kind) {
    case 'apply': {
      if (order.allowLoss !== undefined) {
        // What a plan showed may be stored as held by the mode, or not at all: it is looked at as the plan did, and nothing goes.
        if (!(await isHeld(context.store, config.name, order.allowLoss)))
          await run('all', { by: 'operator', identity: 'applied', only: () => () => false });
        const released = await releaseHeld(context, config.name, order.allowLoss);
        const only = () => (step: Step) => released.has(stepDigest(step));
        return run('all', { by: 'operator', identity: 'applied', released, only });
      }
      if (order.saved === undefined) {
        await prove();
        return run('all', { by: 'operator', everyMark: true });
      }
      // Read once: what the first batches did must not make the rest stale.
      let selection: ((step: Step) => boolean) | undefined;
      return run('all', {
        by: 'operator',
        only: (assessed) => {
          selection ??= fromSaved(order.saved, assessed);
          return selection;
        },
      });
    }
    case 'sync': {
      await prove(order);
      if (order.person === undefined) return run('all', { by: 'automatic', everyMark: true });
      return run([{ kind: 'user', id: order.person }], { by: 'automatic', wordsAbout: order.person });
    }
    case 'release-id':
      await releaseIds(context, config.name, order.person);
      return run('all', { by: 'automatic' });
    case 'ask-older':
      return askEarlier(site, tally, order.person);
    case 'revoke-older':
      return revokeOlder(site, tally, order.person);
    case 'leaver':
      await prove(order);
      return run([{ kind: 'user', id: order.person }], {
        by: 'operator',
        identity: 'applied',
        exempt: new Set([order.person]),
        wordsAbout: order.person,
        only: () => (step) => step.person === order.person,
      });
  }
}

/** Whoever asks for these ids next gets them; the debts stay, and are cut when they can be. */
async function releaseIds(context: SyncContext, controller: string, person: string): Promise<void> {
  await context.store.write(async (tx) => {
    const { numUpdatedRows } = await tx.db
      .updateTable('debts')
      .set({ released: 1 })
      .where('controller', '=', controller)
      .where('person', '=', person)
      .where('state', 'in', ['open', 'held'])
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await context.recorder.record(tx, {
      kind: 'identity.released',
      actor: operatorOf(context),
      subject: { kind: 'user', id: person },
      body: { controller, ids: Number(numUpdatedRows) },
    });
  });
}

/** @throws ScimError PLAN_STALE */
function fromSaved(saved: unknown, assessed: Assessment): (step: Step) => boolean {
  const { name } = assessed.controller;
  const all = parseSaved(saved);
  const own = { ...all, controllers: all.controllers.filter((controller) => controller.name === name) };
  const selected = stillHolds(own, planDocument([viewOf(assessed)])).get(name) ?? new Set();
  const keep = (step: Step): boolean => selected.has(stepDigest(step));
  if (assessed.situation.identityEdited && !assessed.verdict.go.every(keep))
    throw refuse('PLAN_STALE', {
      reason: `the identity mapping of ${name} was edited, and the file is not the whole plan`,
    });
  return keep;
}
