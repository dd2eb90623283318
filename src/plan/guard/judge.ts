import { inOneTurn, type Steps } from '../../access/breather.ts';
import type { Finding } from '../../access/finding.ts';
import { filteredInSteps, flatInSteps, inSteps } from '../../access/inSteps.ts';
import { frozenSteps } from '../frozen.ts';
import type { Verdict } from '../plan.ts';
import type { Step } from '../step.ts';
import { holdAlways, holdWhereOthersStay } from './always.ts';
import { type Ceiling, waitsForRelease } from './ceiling.ts';
import { type Court, courtOf, isAnother, ofLeaver, wholeOf } from './court.ts';
import { holdAtUncut, holdHalves, holdWhatFollows, holdWhatNeedsRoles } from './dependencies.ts';
import { eventsOf } from './events.ts';
import { holdGains } from './gains.ts';
import type { GuardInput } from './input.ts';
import { holdLastAdministrator } from './lastAdministrator.ts';
import { holdLeavers } from './leaverCeiling.ts';
import { holdLosses } from './losses.ts';
import { holdByMode } from './mode.ts';
import { holdOlder } from './older.ts';
import { holdRenames } from './renameCeiling.ts';
import { holdSpared } from './spared.ts';
import { holdByStrategy } from './strategy.ts';
import { holdSuspects } from './suspects.ts';
import { holdUnproven } from './unproven.ts';

/**
 * Decides for each step of one plan whether it goes or waits (semantics §5): modes, the ladder, ceilings over rolling windows,
 * what is always held, and what waits for something held. Pure; nothing is added, nothing is dropped, the order is kept.
 * Gains are judged before losses, so that a loss counts if what would make up for it is held.
 */
export function judge(input: GuardInput): Verdict {
  return inOneTurn(verdictSteps(input));
}

/** The same in steps, for plans of very many. */
export function* verdictSteps(input: GuardInput): Steps<Verdict> {
  const court = yield* courtOf(input);
  const { steps } = input.plan;
  for (const rule of RULES) yield* rule(court);
  return yield* frozenSteps<Verdict>({
    go: yield* filteredInSteps(steps, court.goes),
    held: yield* flatInSteps(steps, (step) => {
      const held = court.heldBy(step);
      return held === undefined ? [] : [held];
    }),
    events: yield* eventsOf(court),
    findings: yield* findingsOf(court),
  });
}

const RULES: readonly ((court: Court) => Steps<void>)[] = [
  holdByMode,
  holdSpared,
  holdWhatWaits,
  holdByClock,
  holdByDisk,
  holdAlways,
  holdSuspects,
  holdUnproven,
  holdOlder,
  holdLeavers,
  holdRenames,
  holdGains,
  holdWhatNeeds,
  holdLosses,
  holdLastAdministrator,
  holdWhatNeeds,
  holdByStrategy,
];

/**
 * What waits for a release goes on waiting, and what was rejected, whatever it waited for; a leaver waits as a whole, and an id that was
 * given up, whatever was read of them since. What has ended by its date meanwhile falls: that is another reason than the one it waited for.
 */
function* holdWhatWaits(court: Court): Steps<void> {
  const { waiting, rejected, plan } = court.input;
  if (waiting.size === 0) return;
  const wholes = new Map<string, string>();
  yield* inSteps(plan.steps, (step) => {
    const digest = court.digest(step);
    const ceiling = waiting.get(digest);
    if (ceiling === undefined || court.approved(step) || isAnother(court.input, step)) return;
    const no = rejected?.has(digest) === true;
    if (!no && !waitsForRelease(ceiling)) return;
    court.hold(step, ceiling as Ceiling, no ? 'it was rejected' : 'it was held before and was not released');
    const whole = wholeOf(step);
    if (whole !== undefined) wholes.set(whole, ceiling);
  });
  yield* inSteps(plan.steps, (step) => {
    const ceiling = wholes.get(wholeOf(step) ?? '');
    if (ceiling !== undefined) court.hold(step, ceiling as Ceiling, 'it was held before and was not released');
  });
}

function peopleOf(steps: readonly Step[]): number {
  return new Set(steps.map(({ person }) => person)).size;
}

function* holdByClock(court: Court): Steps<void> {
  if (court.input.timeTrusted) return;
  yield* inSteps(court.input.plan.steps, (step) => {
    if (step.cause === 'expired' || step.kind === 'delete-role')
      court.hold(step, 'clock', 'the clock cannot be trusted; nothing ends by time until it can');
  });
}

function* holdByDisk(court: Court): Steps<void> {
  if (court.input.hasRoom !== false) return;
  yield* inSteps(court.input.plan.steps, (step) => {
    if (step.kind === 'grant' || step.kind === 'create-role')
      court.hold(step, 'disk', 'the disk of the database is nearly full; what is left is kept for losses');
  });
}

function* holdWhatNeeds(court: Court): Steps<void> {
  for (let before = -1; before !== court.held(); ) {
    before = court.held();
    yield* holdWhereOthersStay(court);
    yield* holdWhatNeedsRoles(court);
    yield* holdAtUncut(court);
    yield* holdHalves(court);
    yield* holdWhatFollows(court);
  }
}

function* findingsOf(court: Court): Steps<Finding[]> {
  const { plan, mode } = court.input;
  const isHeld = (step: Step): boolean => !court.goes(step) && court.heldBy(step)?.ceiling !== 'strategy';
  const held = yield* filteredInSteps(plan.steps, (step) => ofLeaver(step) && isHeld(step));
  const ofMode = (step: Step): boolean => mode !== 'enforce' && court.heldBy(step)?.ceiling === 'mode';
  const byMode = peopleOf(yield* filteredInSteps(held, ofMode));
  const others = peopleOf(yield* filteredInSteps(held, (step) => !ofMode(step)));
  const renamed = yield* filteredInSteps(
    plan.steps,
    (step) => court.heldBy(step)?.ceiling === ('losses.renameUsers' satisfies Ceiling),
  );
  const told = (count: number, found: Omit<Finding, 'subject'>): Finding[] =>
    count === 0
      ? []
      : [
          {
            ...found,
            subject: plan.controller,
            finding: `${count} ${count === 1 ? 'person' : 'people'} ${found.finding}`,
          },
        ];
  const finding = (code: string, count: number, why: string, remedy: string): Finding[] =>
    told(count, {
      ...{ code, level: 'error', remedy, docs: 'docs/plans.md#who-left' },
      finding: `who left can still act on ${plan.controller}: ${why}.`,
    });
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
    ...told(peopleOf(renamed), {
      ...{ code: 'plan.renames-held', level: 'warning', docs: 'docs/plans.md#who-is-called-what' },
      finding: `who are called otherwise now can still act on ${plan.controller} by their former ids: more are than the ceiling lets through.`,
      remedy:
        'Put the mapping of the identity provider back where it was an accident; release it (`quarantine list`) once the realm calls them so, too.',
    }),
  ];
}
