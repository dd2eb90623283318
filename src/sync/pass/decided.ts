import type { LedgerEvent } from '../../access/ports/recorder.ts';
import type { Step } from '../../plan/step.ts';
import type { NewlyHeld } from '../held/heldSteps.ts';
import type { NewLink } from '../ids/newLinks.ts';
import type { Residue } from '../leavers/residue.ts';
import type { IdleDebt } from '../leavers/storedDebts.ts';
import type { Assessment } from './assessment.ts';

// What a pass decides before it does anything, as the ledger tells it.

/** Most people, and most roles, that one record names. */
export const NAMED = 1_000;

/** What steps are about: how many, of whom, in which roles. Ids only. */
export function about(steps: readonly Step[]): LedgerEvent['body'] {
  const people = [...new Set(steps.flatMap(({ person }) => person ?? []))].sort();
  const roles = [
    ...new Set(steps.flatMap((step) => ('role' in step ? `${step.role.type}:${step.role.name}` : []))),
  ].sort();
  return { steps: steps.length, people: people.length, named: people.slice(0, NAMED), roles: roles.slice(0, NAMED) };
}

/** That something waits for a person, and why. */
export function heldRecord(controller: string, { ceiling, reason, steps }: NewlyHeld): LedgerEvent {
  return {
    kind: 'plan.held',
    actor: 'sync',
    subject: { kind: 'controller', id: controller },
    body: { ceiling, reason, ...about(steps) },
  };
}

/** That an id passed to somebody of the primary connection from who neither left nor is called otherwise. */
export function takenOverRecord(controller: string, { claim, former }: NewLink): LedgerEvent {
  return {
    kind: 'identity.taken-over',
    actor: 'sync',
    subject: { kind: 'user', id: former!.person },
    body: { controller, from: former!.connection, to: claim.connection, by: claim.person },
    personal: { jenkinsId: claim.id },
  };
}

interface By {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly actor: string;
  /** What is left to people of whom nothing is taken. */
  readonly kept: Residue;
}

/** Of a debt that is paid because the configuration leaves everything as it is, or nothing is there to be taken. */
export function idleRecord(assessed: Assessment, debt: IdleDebt, { now, actor, kept }: By): LedgerEvent {
  const elapsedMs = now - Date.parse(debt.received_at);
  return {
    kind: `${debt.cause}.complete`,
    actor,
    ...(debt.request === null ? {} : { request: debt.request }),
    subject: { kind: 'user', id: debt.person },
    body: {
      ...{ controller: assessed.controller.name, steps: [], missing: [] },
      ...{ residual: kept.texts.length, left: kept.names },
      ...{ receivedAt: debt.received_at, elapsedMs },
    },
    personal: { jenkinsId: debt.id },
  };
}

/** The edited identity mapping comes into force by this. */
export function takesIdentity({ situation, controller }: Pick<Assessment, 'situation' | 'controller'>): boolean {
  return situation.identityEdited && situation.identity === controller.identity;
}

export function identityRecord({ controller, situation }: Assessment, actor: string): LedgerEvent {
  return {
    kind: 'identity.applied',
    actor,
    subject: { kind: 'controller', id: controller.name },
    body: { before: JSON.parse(situation.controller?.identity ?? 'null'), identity: controller.identity },
  };
}
