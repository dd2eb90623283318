import type { Steps } from '../../access/breather.ts';
import { filteredInSteps, inSteps } from '../../access/inSteps.ts';
import { roleKey } from '../../access/role.ts';
import type { UpdateRole } from '../step.ts';
import type { Court } from './court.ts';
import { lostUnits, unitOf } from './holdings.ts';

/**
 * Holds redefinitions by which a protected entry would gain or lose, by effect and whoever asks (semantics §5, ladder 1): taking it out
 * of `protect`, or out of the role, is the way.
 */
export function* holdSpared(court: Court): Steps<void> {
  const { steps, spared } = court.input.plan;
  if (spared.length === 0) return;
  const redefined = yield* filteredInSteps(steps, (step): step is UpdateRole => step.kind === 'update-role');
  const before = yield* court.look();
  const after = yield* before.after(redefined);
  const losing = yield* lostUnits(before, after, court.authority);
  const gaining = yield* lostUnits(after, before, court.authority);
  const touched = new Map<string, string>();
  yield* inSteps(spared, ({ role, principal }) => {
    const unit = unitOf(roleKey(role), court.holder(principal));
    const what = losing.has(unit) ? 'lose' : gaining.has(unit) ? 'gain' : undefined;
    if (what !== undefined) touched.set(roleKey(role), `${principal.id}, which is protected, would ${what} by it`);
  });
  for (const step of redefined) {
    const why = touched.get(roleKey(step.role));
    if (why !== undefined) court.hold(step, 'protected', why);
  }
}
