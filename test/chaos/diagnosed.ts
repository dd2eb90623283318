import { systemTimers } from '../../src/cli/edge.ts';
import { probesOf } from '../../src/cli/product/probes.ts';
import { DailyWrites } from '../../src/directory/quotas/dailyWrites.ts';
import { DEFAULT_QUOTAS } from '../../src/directory/quotas/quotas.ts';
import { uniquePaths } from '../../src/directory/unique/uniquePaths.ts';
import { gatherControllers } from '../../src/doctor/controllers.ts';
import { diagnose } from '../../src/doctor/diagnose.ts';
import { STANDARD } from '../../src/scim/schemas/catalogue.ts';
import { CONTROLLERS, type ControllerName, fold, isGuarded } from './controllers.ts';
import type { House } from './house.ts';
import type { Person } from './known.ts';
import type { Walker } from './walker.ts';

type Findings = ReturnType<typeof diagnose>;

/** What the doctor says, of what the walk can bring about. */
async function doctorOf(house: House): Promise<Findings> {
  const config = house.config();
  const context = house.command();
  const probes = await probesOf({
    ...{ config, context, store: house.store, daily: new DailyWrites(house.time), quotas: () => DEFAULT_QUOTAS },
    ...{ credentials: { list: async () => [] }, unreadIssuers: async () => [], unique: uniquePaths(STANDARD) },
  } as never);
  const open = async ({ name }: { readonly name: string }) => context.controller(name);
  const controllers = await gatherControllers(config.controllers, open, house.time, () => {});
  return diagnose({ now: house.time.now(), config, files: [], ...probes, controllers });
}

/** The doctor names whoever left and can act, whatever waits, is stopped or down, and nothing else; so do the numbers. */
export async function diagnosed(walker: Walker): Promise<string[]> {
  const { house, oracle, standing } = walker;
  const findings = await doctorOf(house);
  const problems: string[] = [];
  const about = (code: string): Findings => findings.filter((finding) => finding.code.startsWith(code));
  const same = (what: string, found: readonly string[], wanted: readonly string[]): void => {
    if (`${[...found].sort()}` !== `${[...wanted].sort()}`)
      problems.push(`doctor: ${what} ${found} instead of ${wanted}`);
  };
  const subjects = (code: string): string[] => about(code).map(({ subject }) => subject);
  const down = CONTROLLERS.filter((name) => house.troubled[name].down && !walker.out.has(name));
  same('unreachable', subjects('controller.unreachable'), down);
  same('connections paused', subjects('sync.connection-paused'), [...oracle.paused]);
  const stoppedBy = (by: string) =>
    CONTROLLERS.filter((name) => walker.stopped.get(name) === by && !walker.out.has(name));
  same('controllers paused', subjects('sync.controller-paused'), stoppedBy('paused'));
  same('controllers on hold', subjects('sync.on-hold'), stoppedBy('on-hold'));
  const failing = subjects('controller.failing').filter((name) => walker.works(name as ControllerName));
  same('failing', failing, []);
  same('namesakes', subjects('directory.namesake'), oracle.namesakes());
  const leavers = about('leaver.');
  const here = (name: ControllerName): Findings =>
    leavers.filter(({ subject, finding }) => subject === name || new RegExp(`\\bon ${name}\\b`).test(finding));
  const isSaid = (name: ControllerName, person: Person): boolean =>
    here(name).some(({ subject, code }) => subject === name || code === 'leaver.held' || isCalled(subject, person));
  const acting: string[] = [];
  for (const name of walker.known.filter((one) => walker.out.get(one) !== 'let-go'))
    for (const person of oracle.people.values()) {
      const id = oracle.claims[name].get(person.id);
      if (oracle.counts(person) || id === undefined || isGuarded(id) || oracle.ownerOf(name, id) !== person) continue;
      if (/^ 0 0$/.test(standing.has(name, id))) continue;
      acting.push(`${person.userName} ${person.id.slice(-4)} on ${name}`);
      if (!isSaid(name, person))
        problems.push(
          `doctor: ${person.userName} ${person.id.slice(-4)} left and has ${standing.has(name, id)} on ${name}, and nothing is said: ${JSON.stringify(leavers)}`,
        );
    }
  for (const name of CONTROLLERS)
    for (const { code, subject, finding } of here(name)) {
      if (HELD.has(code) || (code === 'leaver.unconfigured' && walker.out.get(name) === 'waits')) continue;
      const stays = code === 'leaver.earlier-id';
      const fits = [...oracle.people.values()].filter(
        // Who is back while their connection is paused counts as gone until it is resumed.
        (person) => isCalled(subject, person) && (oracle.counts(person) === stays || oracle.isPaused(person)),
      );
      const waits = await Promise.all(fits.map((person) => isWaiting(walker, name, person)));
      if (!fits.some((person, at) => !walker.works(name) || oracle.isPaused(person) || waits[at]))
        problems.push(`doctor: ${code} ${subject}: ${finding} That is nobody who owes anything.`);
    }
  for (const name of CONTROLLERS.filter((one) => walker.works(one))) {
    const waiting = await standing.waiting(name);
    for (const { id, person } of waiting) {
      const whose = oracle.people.get(person)!;
      const isTold = here(name).some(
        ({ code, subject }) =>
          code === 'leaver.earlier-ids-held' || (code === 'leaver.earlier-id' && isCalled(subject, whose)),
      );
      // Who is back while their connection is paused is told of once it is resumed.
      if (oracle.counts(whose) && !oracle.isPaused(whose) && !isTold)
        problems.push(`doctor: ${id} on ${name}, which ${whose.userName} gave up, waits, and nothing is said of it`);
    }
    if (waiting.length > 0 !== here(name).length > 0 && oracle.paused.size === 0)
      problems.push(`doctor: ${JSON.stringify(here(name))} while ${JSON.stringify(waiting)} wait on ${name}`);
  }
  for (const { code, subject, finding } of findings)
    if (NEVER.has(code) || (code === 'clock.behind' && house.time.behind === 0 && !oracle.isDoubtful))
      problems.push(`doctor: ${code} ${subject} ${finding}`);
  problems.push(...(await numbers(walker, acting)));
  return problems;
}

/** What waits is counted, not named. */
const HELD: ReadonlySet<string> = new Set(['leaver.held', 'leaver.earlier-ids-held']);

/** What nothing in a walk brings about: another service, another's use of our token, a clock that is behind, a lost database. */
const NEVER: ReadonlySet<string> = new Set([
  ...['controller.other-service', 'controller.used-by-others', 'storage.unusable', 'database.clock'],
  ...['controller.restarting', 'controller.broken', 'controller.wrong-user', 'controller.credential'],
  'controller.break-glass-powerless',
]);

function isCalled(subject: string, { id, userName }: Person): boolean {
  return subject === id || fold(subject) === fold(userName);
}

async function isWaiting({ standing }: Walker, name: ControllerName, { id }: Person): Promise<boolean> {
  return (await standing.waiting(name)).some(({ person }) => person === id);
}

/** What the processes count agrees with what is there. */
async function numbers(walker: Walker, acting: readonly string[]): Promise<string[]> {
  const { house, standing } = walker;
  const problems: string[] = [];
  let oldest: number | undefined;
  const waiting = (await Promise.all(CONTROLLERS.map((name) => standing.waiting(name)))).flat();
  const none = walker.running && waiting.length === 0;
  for (let tries = 0; tries < 60; tries++) {
    const before = house.numbers.looks;
    for (let turn = 0; turn < 40 && house.numbers.looks === before; turn++) {
      house.time.forward(1_000);
      await systemTimers.sleep(3);
    }
    oldest = house.numbers.oldestLeaver;
    if ((!none || oldest === 0) && (acting.length === 0 || walker.oracle.isDoubtful || (oldest ?? 0) > 0)) break;
  }
  if (none && oldest !== 0)
    problems.push(`numbers: the oldest leaver has waited for ${oldest} s, and nobody owes anything`);
  // By a clock that was set back nobody has waited yet.
  if (acting.length > 0 && oldest === 0 && !walker.oracle.isDoubtful)
    problems.push(`numbers: no leaver waits, but ${acting}`);
  const trips = [...house.numbers.trips].filter((trip) => !standing.tight && /\b(losses|gains)\./.test(trip));
  if (trips.length > 0) problems.push(`numbers: ceilings that nothing reaches held something: ${trips}`);
  return problems;
}
