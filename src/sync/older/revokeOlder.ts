import type { LeaverResult, LeaverStepKind } from '../../access/ports/controller.ts';
import type { LedgerEvent } from '../../access/ports/recorder.ts';
import { leaverOrders } from '../../plan/batch.ts';
import { protection } from '../../plan/protection.ts';
import type { LeaverStep } from '../../plan/step.ts';
import { forgetLinks } from '../ids/newLinks.ts';
import { leased } from '../lease/leased.ts';
import { proven } from '../leavers/leaverOutcome.ts';
import type { Tally } from '../orders/orderedRun.ts';
import { closeIntents, intended, intentWorks } from '../pass/intents.ts';
import { operatorOf } from '../pass/outcome.ts';
import { type Work, writeInParts } from '../state/parts.ts';
import type { Site } from '../state/site.ts';
import { type OlderLink, olderLinks } from './olderListed.ts';

/**
 * All that can be used at the id goes, what was made since the link too: a session that is older may have made it. Grants,
 * password and record stay.
 */
const STEPS: readonly LeaverStepKind[] = [
  'revoke-tokens',
  'remove-ssh-keys',
  'close-ssh-sessions',
  'end-sessions',
  'second-cut',
];

/**
 * Revokes what somebody was linked to together with an id, by an operator's order: intent first, then the cut, then what was read
 * back. What is not proven gone stays listed. @returns why not everything was done
 */
export async function revokeOlder(site: Site, tally: Tally, person: string): Promise<string | undefined> {
  const { config, controller, lease, memory } = site;
  const context = leased(site.context, lease);
  const { store, clock, random, recorder } = context;
  const links = await store.read((db) => olderLinks(db, { controller: config.name, person }));
  const guarded = protection(config, memory.capabilities!);
  const free = links.filter(({ id }) => !guarded.user(id));
  const spared = links
    .filter((link) => !free.includes(link))
    .map(({ id }) => `${id} is protected, nothing is taken there`);
  if (free.length === 0) return spared[0];
  const steps = free.flatMap(({ id }) => STEPS.map((kind) => stepOf(kind, id, person)));
  const run = intended({ kind: 'cut', steps }, random.id());
  const at = new Date(clock.now()).toISOString();
  await writeInParts(store, intentWorks([run], { controller: config.name, fence: lease.fence, at }));
  const answer = await controller.cut(lease.fence, leaverOrders(steps));
  const results = new Map(answer.results.map((result) => [result.id, result]));
  const ends = free.map((link) => ({ link, ...endOf(results.get(link.id)) }));
  for (const { verified, failed } of ends) {
    tally.verified += verified;
    tally.failed += failed;
  }
  const done = ends.every(({ failed }) => failed === 0);
  const state = answer.outcome !== 'done' ? 'unknown' : done ? 'verified' : 'failed';
  const end: Work = { rows: 0, run: ({ db }) => closeIntents(db, run.rows, state, clock.now(), answer.reason) };
  const stored = ends.map(
    ({ link, failed, result }): Work => ({
      rows: 5,
      async run(tx) {
        if (failed === 0) await forgetLinks(tx.db, config.name, [link.foldedId]);
        if (result !== undefined)
          await recorder.record(tx, revokedRecord(link, result, failed === 0, operatorOf(context)));
      },
    }),
  );
  await writeInParts(store, [...stored, end]);
  return answer.outcome === 'done' ? spared[0] : (answer.reason ?? answer.outcome);
}

function stepOf(kind: LeaverStepKind, id: string, person: string): LeaverStep {
  return { kind, principal: { type: 'user', id }, person, cause: 'older', reasons: [] };
}

interface End {
  readonly verified: number;
  readonly failed: number;
  readonly result?: LeaverResult;
}

/** Judges by the state that was read after the last step; sessions that a controller cannot end are told as missing. */
function endOf(result: LeaverResult | undefined): End {
  if (result === undefined) return { verified: 0, failed: STEPS.length };
  const verified = result.steps.filter(({ kind, done }) => done && proven(kind, result.after)).length;
  const failed = STEPS.length - result.missing.length - verified;
  return { verified, failed: result.error === undefined ? failed : Math.max(1, failed), result };
}

function revokedRecord(link: OlderLink, result: LeaverResult, done: boolean, actor: string): LedgerEvent {
  const { steps, missing, after, error } = result;
  return {
    kind: done ? 'identity.older-revoked' : 'identity.older-revoked.failed',
    actor,
    subject: { kind: 'user', id: link.person },
    body: {
      controller: link.controller,
      takenOver: link.takenOver,
      steps: steps.map(({ kind, at, done: did, count }) => ({
        ...{ kind, at: new Date(at).toISOString(), verified: did && proven(kind, after) },
        ...(count === undefined ? {} : { count }),
      })),
      missing,
      ...(error === undefined ? {} : { error }),
    },
    personal: { jenkinsId: link.id },
  };
}
