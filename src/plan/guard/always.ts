import type { Steps } from '../../access/breather.ts';
import { inSteps } from '../../access/inSteps.ts';
import { isEverybody } from '../../access/principal.ts';
import { roleKey } from '../../access/role.ts';
import { widens } from '../redefinition.ts';
import { entryKey } from '../scene.ts';
import type { Cause, RevokeStep, Step, UpdateRole } from '../step.ts';
import type { Court } from './court.ts';
import { losingAll } from './deserted.ts';
import { becomesAdministrative } from './gains.ts';
import { administratorsOf } from './holdings.ts';
import { isWhole, WHOLE } from './leaverCeiling.ts';

/** What is held whatever the count (semantics §5). */
export function* holdAlways(court: Court): Steps<void> {
  const { plan, populations, connections, reaches } = court.input;
  const losing = yield* losingAll(plan, connections, reaches);
  const deserted = new Map(
    [...(populations.holders ?? [])].filter(([name, held]) => isWhole(held, losing.get(name)?.size ?? 0)),
  );
  const emptied = new Map(
    populations.groups.filter(({ before, kept }) => before > WHOLE && kept === 0).map((g) => [g.id, g]),
  );
  const gone = new Map(populations.groups.filter((group) => group.gone).map((group) => [group.id, group]));
  const unmanaged = new Set<string>();
  yield* inSteps(plan.unmanaged, ({ role }) => {
    unmanaged.add(roleKey(role));
  });
  yield* inSteps(plan.steps, (step) => {
    if (!court.goes(step) || court.approved(step)) return;
    if (step.kind === 'update-role') {
      if (becomesAdministrative(court, step) && everybodyHolds(court, step))
        court.hold(step, 'everyone-administers', `everybody who holds ${step.role.name} would become an administrator`);
      else if (unmanaged.has(roleKey(step.role)) && givesMore(court, step)) holdGain(court, step);
    }
    if (!followsFromGroups(step)) return;
    const connection = connections.get(step.person ?? '') ?? '';
    const all = losing.get(connection)?.has(step.person ?? '') === true ? deserted.get(connection) : undefined;
    for (const { groupId } of step.reasons) {
      const lost = groupId === undefined ? undefined : gone.get(groupId);
      const freed = step.person !== undefined && lost?.frozen?.has(step.person) === false;
      const empty = groupId === undefined ? undefined : emptied.get(groupId);
      if (lost !== undefined && !freed)
        court.hold(step, 'bound-group', `the group ${lost.name}, which a rule names, was deleted`);
      else if (empty !== undefined)
        court.hold(step, 'whole-group', `all ${empty.before} members of the group ${empty.name} would lose it`);
    }
    if (all !== undefined)
      court.hold(step, 'whole-connection', `all ${all} people of ${connection} who hold something here would lose it`);
  });
}

/** Whether a loss may follow from what became of a group or a connection. */
export function followsFromGroups(step: Step): step is RevokeStep {
  return step.kind === 'revoke' && !GOES.has(step.cause);
}

/** Losses that do not: ends, and what a compromised credential gave. */
export const GOES: ReadonlySet<Cause> = new Set(['leaver', 'expired', 'compromised']);

/** The same of what is not ours and was to fall: where its removal waits, or the configuration leaves it, it stays and would gain. */
export function* holdWhereOthersStay(court: Court): Steps<void> {
  const { falling, steps } = court.input.plan;
  if (falling.length === 0) return;
  const removed = new Set<string>();
  yield* inSteps(steps, (step) => {
    if (!court.goes(step)) return;
    if (step.kind === 'revoke') removed.add(entryKey(step.role, step.principal));
    if (step.kind === 'remove-entries')
      for (const { role, principal } of step.entries ?? []) removed.add(entryKey(role, principal));
  });
  const staying = new Set<string>();
  yield* inSteps(falling, ({ role, principal }) => {
    if (!removed.has(entryKey(role, principal))) staying.add(roleKey(role));
  });
  yield* inSteps(steps, (step) => {
    if (step.kind === 'update-role' && staying.has(roleKey(step.role)) && givesMore(court, step)) holdGain(court, step);
  });
}

function holdGain(court: Court, step: UpdateRole): void {
  if (court.goes(step) && !court.approved(step))
    court.hold(step, 'unmanaged-gain', `entries of ${step.role.name} that are not ours would gain permissions`);
}

/** Whoever can administer by a role gains nothing by what it becomes. What somebody has by another role is not theirs for good. */
function givesMore({ authority }: Court, step: UpdateRole): boolean {
  return widens(step) && !authority.administers(step.before);
}

/** A role that all logged-in people hold, or everybody who holds anything here; who administers already would gain nothing. */
function everybodyHolds(court: Court, { role }: UpdateRole): boolean {
  const { entries = [] } = court.input.observed.roles.find((item) => roleKey(item) === roleKey(role)) ?? {};
  if (entries.some(isEverybody)) return true;
  const before = court.before();
  const administrators = administratorsOf(before, court.authority);
  const holders = (before.roles.get(roleKey(role))?.holders ?? new Set<string>()).difference(administrators);
  if (holders.size <= WHOLE) return false;
  return [...before.roles.values()].every((other) => other.holders.difference(administrators).isSubsetOf(holders));
}
