import { listed, partly, race } from './clients.ts';
import { CONTROLLERS, each } from './controllers.ts';
import { comes, dark, light } from './dark.ts';
import { brokenPolicy, policy } from './edits.ts';
import { deleteGroup, external, group, members, nest, renameGroup } from './groups.ts';
import { hand } from './hands.ts';
import { openHouse } from './house.ts';
import { ceilings, identity, primary, releaseId } from './identity.ts';
import type { Identity } from './known.ts';
import { look } from './look.ts';
import { moment } from './moments.ts';
import { adopt, disown, held, mode, now, setMode } from './operators.ts';
import { pausing, pausingConnection, resumeAll } from './pauses.ts';
import { active, again, create, externalOf, remove, rename, swap } from './people.ts';
import { FIRST, policyText } from './policies.ts';
import { freeze, front, kill, restart, second } from './processes.ts';
import { recovered } from './recovered.ts';
import { backup, restored } from './restored.ts';
import { scopes } from './scopes.ts';
import type { Of, Step } from './step.ts';
import { clock, down, restartController, setClock, time, trouble } from './trouble.ts';
import { allConfigured, configured, letGo } from './unconfigured.ts';
import { Walker } from './walker.ts';

const PROFILES = ['okta', 'entra', 'generic', 'whole', 'rfc', 'interop'] as const;
type Profile = (typeof PROFILES)[number];

/** How each kind of step is taken. */
const TAKEN: { readonly [K in Step['do']]: (walker: Walker, step: Of<K>) => void | Promise<void> } = {
  ...{ create, rename, active, 'person-external': externalOf, delete: remove, swap, again },
  ...{ group, members, nest, 'rename-group': renameGroup, 'delete-group': deleteGroup },
  ...{ policy, 'broken-policy': brokenPolicy },
  ...{ mode, pause: pausing, 'pause-connection': pausingConnection, held, now, adopt, disown },
  ...{ 'release-id': releaseId, identity, primary, ceilings, external, freeze, front, down },
  ...{ hand, trouble, 'restart-controller': restartController, time },
  ...{ kill, restart, second, moment, race, partly, backup },
  ...{ configured, 'let-go': letGo, scopes, clock },
  dark,
  look: (walker, { whole }) => look(walker, whole),
  // Of the whole walk: said before it begins.
  begin: () => {},
};

/** Takes one step, where it comes to that. */
export async function take(walker: Walker, step: Step): Promise<void> {
  if (await comes(walker, step)) await TAKEN[step.do](walker, step as never);
}

/** Takes the steps over a service of its own. @throws the first thing that is otherwise than it has to be */
export async function walk(
  t: { after(run: () => unknown): void },
  steps: readonly Step[],
  say: (line: string) => void,
): Promise<void> {
  const { tight = false, speaks = [0, 1], named = [] } = steps[0]?.do === 'begin' ? steps[0] : {};
  const [okta, entra] = speaks.map((number) => PROFILES[number % PROFILES.length]!) as [Profile, Profile];
  const identities = each((name): Identity => (named[CONTROLLERS.indexOf(name)] ? 'externalId' : 'userName'));
  say(
    `okta speaks ${okta}, entra ${entra}; ids are ${Object.values(identities)}${tight ? '; ceilings are tight' : ''}`,
  );
  const begun = { ceilings: tight ? 'tight' : 'loose', profiles: { okta, entra }, identities } as const;
  const house = await openHouse(t, { ...begun, policy: policyText(FIRST, 0), say });
  const walker = new Walker(house, say, begun);
  walker.house.spawn(1);
  await look(walker, true);
  for (const step of steps) await take(walker, step);
  if (walker.dark > 0) await light(walker);
  await end(walker, t);
}

/** Everything works again, and all of it is as it has to be. */
async function end(walker: Walker, t: { after(run: () => unknown): void }): Promise<void> {
  const { ledger, troubled } = walker.house;
  for (const { life } of walker.house.processes()) life.thaw();
  for (const name of CONTROLLERS) troubled[name].next.length = 0;
  await look(walker, true);
  for (const name of CONTROLLERS) troubled[name].down = false;
  setClock(walker, 0);
  await allConfigured(walker);
  await resumeAll(walker);
  for (const name of CONTROLLERS) await setMode(walker, name, 'enforce');
  await look(walker, true);
  await listed(walker);
  await ledger.seal();
  await ledger.verify();
  await recovered(walker, t);
  await restored(walker);
}
