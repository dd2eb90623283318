import type { ClockState } from '../../sync/clock/clockBehind.ts';
import type { ClockView } from '../answers.ts';

/** The clock as scripts read it. */
export function clockView({ now, highest, behindMs, ended }: ClockState): ClockView {
  return {
    now: text(now),
    highest: highest === 0 ? null : text(highest),
    behindSeconds: Math.ceil(behindMs / 1000),
    ended: ended.map(({ rule, until }) => ({ rule, until: text(until) })),
  };
}

function text(time: number): string {
  return new Date(time).toISOString();
}
