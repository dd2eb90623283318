import { brokenPolicy, policy } from './edits.ts';
import { deleteGroup, group, members, nest, renameGroup } from './groups.ts';
import { hand } from './hands.ts';
import { openHouse } from './house.ts';
import { look } from './look.ts';
import { adopt, held, mode, now, pausing, setMode, setPause } from './operators.ts';
import { active, again, create, remove, rename, swap } from './people.ts';
import { FIRST, policyText } from './policies.ts';
import { kill, restart, second } from './processes.ts';
import type { Of, Step } from './step.ts';
import { restartController, time, trouble } from './trouble.ts';
import { Walker } from './walker.ts';

/** How each kind of step is taken. */
const TAKEN: { readonly [K in Step['do']]: (walker: Walker, step: Of<K>) => void | Promise<void> } = {
  ...{ create, rename, active, delete: remove, swap, again },
  ...{ group, members, nest, 'rename-group': renameGroup, 'delete-group': deleteGroup },
  ...{ policy, 'broken-policy': brokenPolicy },
  ...{ mode, pause: pausing, held, now, adopt },
  ...{ hand, trouble, 'restart-controller': restartController, time },
  ...{ kill, restart, second },
  look: (walker, { whole }) => look(walker, whole),
  // Of the whole walk: said before it begins.
  tight: () => {},
};

/** Takes the steps over a service of its own. @throws the first thing that is otherwise than it has to be */
export async function walk(
  t: { after(run: () => unknown): void },
  steps: readonly Step[],
  say: (line: string) => void,
): Promise<void> {
  const tight = steps[0]?.do === 'tight';
  const walker = new Walker(await openHouse(t, policyText(FIRST, 0), tight), say, tight);
  walker.house.spawn(1);
  await look(walker, true);
  for (const step of steps) await TAKEN[step.do](walker, step as never);
  await end(walker);
}

/** Everything works again, and all of it is as it has to be. */
async function end(walker: Walker): Promise<void> {
  const { ledger, troubled } = walker.house;
  troubled.ci.next.length = 0;
  troubled.cd.next.length = 0;
  await look(walker, true);
  if (walker.paused) await setPause(walker, false);
  await setMode(walker, 'ci', 'enforce');
  await setMode(walker, 'cd', 'enforce');
  await look(walker, true);
  await ledger.seal();
  await ledger.verify();
}
