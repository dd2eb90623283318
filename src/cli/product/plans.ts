import { refuse, ScimError } from '../../errors.ts';
import { digestCalled, heldGroups } from '../../plan/guard/group.ts';
import type { ControllerView } from '../../plan/print/document.ts';
import { type AssessOptions, assessAsking } from '../../sync/pass/assess.ts';
import type { Assessment } from '../../sync/pass/assessment.ts';
import { viewOf } from '../../sync/pass/view.ts';
import { loadPolicy } from '../../sync/policy/policySource.ts';
import { liveOf } from '../../sync/state/memory.ts';
import { heldUnder } from './held.ts';
import type { Parts } from './parts.ts';

interface Assessed {
  readonly view: ControllerView;
  readonly assessed?: Assessment;
  readonly error?: ScimError;
}

/**
 * Reads each controller and says what would be done there; nothing is written. One that cannot be read is told as unread.
 * @throws ScimError POL_* where the policy named cannot be used
 */
export async function assessAll(
  parts: Parts,
  names: readonly string[],
  options: Pick<AssessOptions, 'by' | 'identity'> & { readonly person?: string; readonly policy?: string },
): Promise<Assessed[]> {
  const { context } = parts;
  const policy =
    options.policy === undefined
      ? await context.policy.current()
      : await loadPolicy(options.policy, { store: parts.store, witness: parts.ledger.witness });
  return Promise.all(
    names.map(async (name): Promise<Assessed> => {
      const config = parts.config.controllers.find((item) => item.name === name)!;
      try {
        const controller = context.controller(name);
        const live = await liveOf(context, controller, {});
        const scope = options.person === undefined ? ('all' as const) : [{ kind: 'user' as const, id: options.person }];
        const { by, identity } = options;
        const base = { by, policy, ...(identity === undefined ? {} : { identity }) };
        const assessed = await assessAsking(context, config, controller, live, scope, base);
        const { unread: reason } = live.observed;
        const view = viewOf(assessed);
        return reason === undefined
          ? { view, assessed }
          : { view, error: refuse('JEN_STRATEGY', { controller: name, reason }) };
      } catch (error) {
        if (!(error instanceof ScimError) || !error.code.match(/^(JEN|CFG)_/)) throw error;
        return { view: { name, mode: config.mode, error: `${error.code}: ${error.message}` }, error };
      }
    }),
  );
}

/**
 * Where what has this digest waits: as it is stored, else as a plan shows it now. Under a mode that holds everything the ceilings are not
 * stored, or nobody has looked yet.
 * @throws ScimError PLAN_UNKNOWN
 */
export async function heldWhere(
  parts: Parts,
  beginning: string,
  names: readonly string[],
): Promise<{ readonly digest: string; readonly controllers: readonly string[] }> {
  try {
    const { digest, rows } = await heldUnder(parts, beginning);
    const waiting = rows.filter(({ state }) => state !== 'released');
    return { digest, controllers: [...new Set(waiting.map(({ controller }) => controller))] };
  } catch (error) {
    if (!(error instanceof ScimError) || error.code !== 'PLAN_UNKNOWN') throw error;
    const views = await assessAll(parts, names, { by: 'operator', identity: 'applied' });
    const groups = views.flatMap(({ view }) =>
      heldGroups(view.verdict?.held ?? []).map(({ digest }) => ({ digest, controller: view.name })),
    );
    const digest = digestCalled(
      beginning,
      groups.map((group) => group.digest),
    );
    return { digest, controllers: groups.flatMap((group) => (group.digest === digest ? [group.controller] : [])) };
  }
}
