import type { Finding } from '../../access/finding.ts';
import { frozen } from '../frozen.ts';
import type { Verdict } from '../plan.ts';
import type { Step } from '../step.ts';
import { holdAlways } from './always.ts';
import { type Ceiling, waitsForRelease } from './ceiling.ts';
import { type Court, courtOf, ofLeaver } from './court.ts';
import { holdHalves, holdWhatFollows, holdWhatNeedsRoles } from './dependencies.ts';
import { eventsOf } from './events.ts';
import { holdGains } from './gains.ts';
import type { GuardInput } from './input.ts';
import { holdLastAdministrator } from './lastAdministrator.ts';
import { holdLeavers } from './leaverCeiling.ts';
import { holdLosses } from './losses.ts';
import { holdByMode } from './mode.ts';
import { holdSuspects } from './suspects.ts';
import { holdUnproven } from './unproven.ts';

/**
 * Decides for each step of one plan whether it goes or waits (semantics §5): modes, the ladder, ceilings over rolling windows,
 * what is always held, and what waits for something held. Pure; nothing is added, nothing is dropped, the order is kept.
 * Gains are judged before losses, so that a loss counts if what would make up for it is held.
 */
export function judge(input: GuardInput): Verdict {
  const court = courtOf(input);
  const { steps } = input.plan;
  holdByMode(court);
  holdWhatWaits(court);
  holdByClock(court);
  holdByDisk(court);
  holdAlways(court);
  holdSuspects(court);
  holdUnproven(court);
  holdLeavers(court);
  holdGains(court);
  holdWhatNeeds(court);
  holdLosses(court);
  holdLastAdministrator(court);
  holdWhatNeeds(court);
  return frozen<Verdict>({
    go: steps.filter(court.goes),
    held: steps.flatMap((step) => court.heldBy(step) ?? []),
    events: eventsOf(court),
    findings: findingsOf(court),
  });
}

/** What waits for a release goes on waiting; a leaver waits as a whole, whatever was read of that person since. */
function holdWhatWaits(court: Court): void {
  const { waiting, plan } = court.input;
  if (waiting.size === 0) return;
  const people = new Map<string, string>();
  for (const step of plan.steps) {
    const ceiling = waiting.get(court.digest(step));
    if (ceiling === undefined || !waitsForRelease(ceiling) || court.approved(step)) continue;
    court.hold(step, ceiling as Ceiling, 'it was held before and was not released');
    if (ofLeaver(step) && step.person !== undefined) people.set(step.person, ceiling);
  }
  for (const step of plan.steps) {
    const ceiling = ofLeaver(step) ? people.get(step.person ?? '') : undefined;
    if (ceiling !== undefined) court.hold(step, ceiling as Ceiling, 'it was held before and was not released');
  }
}

function peopleOf(steps: readonly Step[]): number {
  return new Set(steps.map(({ person }) => person)).size;
}

function holdByClock(court: Court): void {
  if (court.input.timeTrusted) return;
  for (const step of court.input.plan.steps)
    if (step.cause === 'expired' || step.kind === 'delete-role')
      court.hold(step, 'clock', 'the clock cannot be trusted; nothing ends by time until it can');
}

function holdByDisk(court: Court): void {
  if (court.input.hasRoom !== false) return;
  for (const step of court.input.plan.steps)
    if (step.kind === 'grant' || step.kind === 'create-role')
      court.hold(step, 'disk', 'the disk of the database is nearly full; what is left is kept for losses');
}

function holdWhatNeeds(court: Court): void {
  const count = (): number => court.input.plan.steps.filter((step) => !court.goes(step)).length;
  for (let before = -1; before !== count(); ) {
    before = count();
    holdWhatNeedsRoles(court);
    holdHalves(court);
    holdWhatFollows(court);
  }
}

function findingsOf(court: Court): Finding[] {
  const { plan, mode } = court.input;
  const held = plan.steps.filter((step) => ofLeaver(step) && !court.goes(step));
  const byMode = peopleOf(held.filter((step) => court.heldBy(step)?.ceiling === 'mode'));
  const others = peopleOf(held.filter((step) => court.heldBy(step)?.ceiling !== 'mode'));
  const finding = (code: string, count: number, why: string, remedy: string): Finding[] =>
    count === 0
      ? []
      : [
          {
            code,
            level: 'error',
            subject: plan.controller,
            finding: `${count} ${count === 1 ? 'person' : 'people'} who left can still act on ${plan.controller}: ${why}.`,
            remedy,
            docs: 'docs/plans.md#who-left',
          },
        ];
  return [
    ...finding(
      'plan.leavers-not-enforced',
      byMode,
      `its mode is ${mode}`,
      'Run `apply`, or `leaver USER --now`, or set `mode: enforce`.',
    ),
    ...finding(
      'plan.leavers-held',
      others,
      'more left than the ceiling lets through, or nobody else would be left to administer it',
      'Look at `quarantine list`; release them together, or one by one with `leaver USER --now`.',
    ),
  ];
}
