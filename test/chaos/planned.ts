import type { Step } from '../../src/plan/step.ts';
import { ghostsOf } from '../../src/sync/ids/ghosts.ts';
import { assess } from '../../src/sync/pass/assess.ts';
import { liveOf } from '../../src/sync/state/memory.ts';
import { type ControllerName, foldOn } from './controllers.ts';
import type { Standing } from './standing.ts';

/** A plan that is made now finds nothing to do, and nobody is a ghost whom the service knew. */
export async function planned({ house, oracle, tight, meanwhile }: Standing, name: ControllerName): Promise<string[]> {
  const context = house.command();
  const live = await liveOf(context, context.controller(name), {});
  const config = context.config.controllers.find((one) => one.name === name)!;
  const { verdict } = await assess(context, config, live, 'all', {
    by: 'automatic',
    policy: await context.policy.current(),
  });
  const ghosts = await ghostsOf(context, config, context.controller(name));
  const alive = new Set(oracle.claims[name].values());
  // Of several people who had one id for a moment, one is asked about at a time: the next whole pass asks about the next.
  const isLater = (step: Step): boolean =>
    !('role' in step) &&
    (!alive.has(foldOn(name, step.principal.id)) || oracle.passed.has(foldOn(name, step.principal.id)));
  const undone = verdict.go.filter((step) => !isLater(step));
  return [
    ...(undone.length === 0 ? [] : [`${name}: a plan would do ${JSON.stringify(undone)}`]),
    ...ghosts
      .filter(
        ({ id, tokens }) =>
          !meanwhile[name].has(foldOn(name, id)) &&
          oracle.everClaimed[name].has(foldOn(name, id)) &&
          !alive.has(foldOn(name, id)) &&
          tokens > 0 &&
          !tight,
      )
      .map((ghost) => `${name}: a ghost ${JSON.stringify(ghost)}`),
  ];
}
