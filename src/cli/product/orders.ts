import { unknownController } from '../../config/unknown.ts';
import { type ErrorCode, type ErrorDetails, ScimError } from '../../errors.ts';
import { noteSections } from '../../sync/configured/sections.ts';
import { whileHeld } from '../../sync/lease/lease.ts';
import { ask, type Order } from '../../sync/orders/commands.ts';
import { type Applied, execute } from '../../sync/orders/orders.ts';
import { stoppedBy } from '../../sync/orders/stopped.ts';
import type { Say } from '../engine.ts';
import type { Parts } from './parts.ts';

/** How long an answer of the service is waited for beyond the time-out of one call. */
const PATIENCE_MS = 120_000;

/**
 * Has an order carried out on one controller: by whoever holds its lease, or here when nobody does (semantics §11).
 * @throws ScimError PLAN_*
 */
export async function order(parts: Parts, name: string, wanted: Order, say: Say): Promise<Applied> {
  const { context, config } = parts;
  const what = { ...wanted, by: parts.operator };
  const controller = config.controllers.find((item) => item.name === name);
  if (controller === undefined) throw unknownController(name, known(parts));
  await parts.headOutside.look();
  const stopped = await context.store.read((db) => stoppedBy(db, controller));
  if (stopped !== undefined) return refused(name, stopped);
  const done = await whileHeld(context, name, async (lease) => {
    // By this process's configuration: where the service holds the lease it is the service's.
    await noteSections(context);
    const site = { context, config: controller, controller: context.controller(name), lease, memory: {} };
    return execute(site, what, { say });
  });
  if (done !== undefined) return readAnswer(name, done.value.value);
  say(`${name}: asking the service`);
  const answered = await ask(context, name, what, config.sync.timeout + PATIENCE_MS);
  if (answered === undefined) return refused(name, 'the service did not answer; is it stuck? see its log');
  return readAnswer(name, answered);
}

/**
 * One after another, so that progress can be read; one that fails never stops the next.
 * @throws ScimError where a single one was asked: what it meets is the answer
 */
export async function orderAll(
  parts: Parts,
  names: readonly string[],
  what: (name: string) => Order,
  say: Say,
): Promise<Applied[]> {
  const done: Applied[] = [];
  for (const name of names)
    try {
      done.push(await order(parts, name, what(name), say));
    } catch (error) {
      if (!(error instanceof ScimError) || names.length === 1) throw error;
      done.push(refused(name, error));
    }
  return done;
}

export function known(parts: Pick<Parts, 'config'>): string[] {
  return parts.config.controllers.map(({ name }) => name);
}

/** An answer of a controller where nothing was done. */
export function refused(controller: string, why: string | ScimError): Applied {
  const error = typeof why === 'string' ? why : `${why.code}: ${why.message}`;
  return { controller, verified: 0, failed: 0, held: 0, error };
}

function readAnswer(name: string, value: unknown): Applied {
  const answer = value as Partial<Applied> & { code?: ErrorCode; details?: ErrorDetails };
  if (answer.code !== undefined) throw new ScimError(answer.code, answer.details);
  if (answer.controller === undefined) return refused(name, String(answer.error ?? 'no answer'));
  return answer as Applied;
}
