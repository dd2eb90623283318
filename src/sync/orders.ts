import type { Controller } from '../access/ports/controller.ts';
import type { ControllerConfig } from '../config/schema.ts';
import { refuse, ScimError } from '../errors.ts';
import { stepDigest } from '../plan/digest.ts';
import { planDocument } from '../plan/print/document.ts';
import { parseSaved, stillHolds } from '../plan/saved.ts';
import type { Step } from '../plan/step.ts';
import type { Assessment } from './assess.ts';
import type { Order } from './commands.ts';
import type { SyncContext } from './context.ts';
import { pendingOf } from './distribute.ts';
import { forgetHeldEvents } from './heldSteps.ts';
import type { Lease } from './lease.ts';
import { liveOf, type Memory, pass } from './pass.ts';
import { settleIntents } from './settle.ts';
import { viewOf } from './view.ts';

/** What an order did on one controller; the shape the command line prints. */
export interface Applied {
  readonly controller: string;
  readonly verified: number;
  readonly failed: number;
  readonly held: number;
  readonly error?: string;
}

type Say = (text: string) => void;

/** Carries out what a person ordered, over a fresh reading. Refusals are answers, not failures of the service. */
export async function execute(
  context: SyncContext,
  config: ControllerConfig,
  controller: Controller,
  lease: Lease,
  memory: Memory,
  order: Order,
  say: Say = () => {},
): Promise<{
  readonly failed: boolean;
  readonly value: Applied | { readonly code: string; readonly details: unknown };
}> {
  try {
    say(`${config.name}: reading`);
    delete memory.observed;
    delete memory.capabilities;
    const { observed } = await liveOf(context, controller, memory);
    await settleIntents(context, config.name, observed);
    return { failed: false, value: await carryOut(context, config, controller, lease, memory, order, say) };
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    if (error.code.startsWith('PLAN_')) return { failed: true, value: { code: error.code, details: error.details } };
    return {
      failed: true,
      value: { controller: config.name, verified: 0, failed: 0, held: 0, error: `${error.code}: ${error.message}` },
    };
  }
}

async function carryOut(
  context: SyncContext,
  config: ControllerConfig,
  controller: Controller,
  lease: Lease,
  memory: Memory,
  order: Order,
  say: Say,
): Promise<Applied> {
  const run = async (scope: Parameters<typeof pass>[5], options: Parameters<typeof pass>[6]): Promise<Applied> => {
    const result = await pass(context, config, controller, lease, memory, scope, { ...options, say });
    const stopped = result.stopped === undefined ? {} : { error: result.stopped.reason };
    return {
      controller: config.name,
      verified: result.verified,
      failed: result.failed,
      held: result.held,
      ...stopped,
    };
  };
  switch (order.kind) {
    case 'apply': {
      if (order.allowLoss !== undefined) {
        const released = await releaseHeld(context, config.name, order.allowLoss);
        const only = () => (step: Step) => released.has(stepDigest(step));
        return run('all', { by: 'operator', identity: 'applied', only });
      }
      const pending = await context.store.read((db) => pendingOf(db, config.name, 1_000_000));
      if (order.saved === undefined) return run('all', { by: 'operator', pending });
      return run('all', { by: 'operator', only: (assessed) => fromSaved(order.saved, assessed) });
    }
    case 'sync': {
      if (order.person === undefined) {
        const pending = await context.store.read((db) => pendingOf(db, config.name, 1_000_000));
        return run('all', { by: 'automatic', pending });
      }
      return run([{ kind: 'user', id: order.person }], { by: 'automatic' });
    }
    case 'release-id':
      await releaseIds(context, config.name, order.person);
      return run('all', { by: 'automatic' });
    case 'leaver':
      return run([{ kind: 'user', id: order.person }], {
        by: 'operator',
        identity: 'applied',
        exempt: new Set([order.person]),
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
      actor: 'operator',
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

/** Marks what is held under a digest as released; steps that are held later form another batch. @throws ScimError PLAN_UNKNOWN */
async function releaseHeld(context: SyncContext, controller: string, digest: string): Promise<Set<string>> {
  return context.store.write(async (tx) => {
    const rows = await tx.db
      .selectFrom('held')
      .select(['step_key', 'ceiling', 'step'])
      .where('controller', '=', controller)
      .where('digest', '=', digest)
      .where('state', '=', 'held')
      .execute();
    if (rows.length === 0) throw new ScimError('PLAN_UNKNOWN', { digest });
    await tx.db
      .updateTable('held')
      .set({ state: 'released' })
      .where('controller', '=', controller)
      .where('digest', '=', digest)
      .where('state', '=', 'held')
      .execute();
    await context.recorder.record(tx, {
      kind: 'plan.released',
      actor: 'operator',
      subject: { kind: 'controller', id: controller },
      body: { digest, steps: rows.length, ceilings: [...new Set(rows.map(({ ceiling }) => ceiling))] },
    });
    await forgetHeldEvents(
      tx.db,
      controller,
      rows.map(({ step }) => (JSON.parse(step) as Step).person),
    );
    return new Set(rows.map(({ step_key }) => step_key));
  });
}
