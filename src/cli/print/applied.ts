import type { Applied } from '../../sync/orders/orders.ts';
import { type Outcome, outcome } from '../outcome.ts';
import { whatToDo } from './unread.ts';

/** 1 where something failed, 2 where something is held, else 0. */
export function appliedOutcome(applied: readonly Applied[]): Outcome {
  const failed = applied.some((item) => item.failed > 0 || item.error !== undefined);
  const held = applied.some((item) => item.held > 0);
  const text = applied.map(line).join('');
  const hint = held ? 'Held steps wait: jenkins-scim plan says why, quarantine list what a person must release.\n' : '';
  return outcome(failed ? 1 : held ? 2 : 0, { controllers: applied }, text === '' ? 'Nothing to do.\n' : text + hint);
}

function line({ controller, verified, failed, held, error }: Applied): string {
  if (error !== undefined) return `${controller}: ${error}\n${/^JEN_/.test(error) ? whatToDo(controller) : ''}`;
  const parts = [
    `${verified} verified`,
    ...(failed > 0 ? [`${failed} FAILED`] : []),
    ...(held > 0 ? [`${held} held`] : []),
  ];
  return `${controller}: ${parts.join(', ')}\n`;
}
