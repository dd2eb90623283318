import { systemTimers } from '../../src/cli/edge.ts';
import { certificates } from './certificates.ts';
import { added, compare } from './compare.ts';
import { CONTROLLERS } from './controllers.ts';
import { diagnosed } from './diagnosed.ts';
import { explained } from './explained.ts';
import { mended } from './hands.ts';
import { planned } from './planned.ts';
import { alive } from './processes.ts';
import { atRest, unsettled } from './rest.ts';
import type { Walker } from './walker.ts';

/** Waits until all is quiet, and compares; `whole`: after a full read, and with everything that tells of it. @throws what is otherwise */
export async function look(walker: Walker, whole: boolean): Promise<void> {
  const { house, oracle, standing } = walker;
  if (walker.dark > 0) return;
  for (const name of CONTROLLERS) mended(house.practices[name]);
  await atRest(walker, whole);
  await declared(walker);
  const works = CONTROLLERS.filter((name) => walker.works(name));
  const adding = CONTROLLERS.filter((name) => walker.adds(name));
  const idle = walker.known.filter((name) => !walker.works(name));
  if (whole) walker.needsWhole = false;
  // Where nobody reads anything no name meets a group.
  if (CONTROLLERS.some((name) => walker.reads(name)))
    oracle.meet({ now: house.time.now(), monotonic: house.time.monotonic(), behind: house.time.behind });
  let problems: string[] = [];
  for (let tries = 0; tries < 40; tries++) {
    alive(walker);
    problems = [];
    for (const name of works) problems.push(...(await compare(standing, name, whole || !walker.needsWhole, whole)));
    for (const name of adding) problems.push(...(await added(standing, name, whole || !walker.needsWhole)));
    if (problems.length === 0) break;
    house.time.forward(300);
    await systemTimers.sleep(8);
  }
  for (const name of idle) problems.push(...(walker.adds(name) ? standing.taken(name) : standing.untouched(name)));
  if (problems.length > 0) throw new Error(`\n${problems.join('\n')}`);
  problems.push(...(await walker.losses.look(walker.ceilings, works)));
  if (problems.length > 0) throw new Error(`\n${problems.join('\n')}`);
  for (const name of [...works, ...adding]) standing.remember(name, whole || !walker.needsWhole);
  if (whole) {
    for (const name of works) oracle.forgetMoments(name);
    for (const name of CONTROLLERS) house.troubled[name].next.length = 0;
    for (let tries = 0; tries < 5; tries++) {
      problems = [
        ...(await unsettled(walker, works)),
        ...(await certificates(standing, works, idle, walker.out)),
        ...(await diagnosed(walker)),
      ];
      for (const name of [...works, ...adding])
        problems.push(...(await explained(standing, name)), ...(await planned(standing, name)));
      if (problems.length === 0) break;
      // Whoever waited for an id is looked at in a turn of their own, which nothing stored tells of.
      await atRest(walker, tries > 1);
    }
    await house.ledger.seal();
    await house.ledger.verify();
    // Who left and is called by an id that somebody gives up is asked about there later, and what waits there goes then.
    const later = await Promise.all(
      works.map(async (name) => (await standing.waiting(name)).some(({ id }) => oracle.asked(name).has(id))),
    );
    const settled = works.filter((_, at) => !(standing.tight && later[at]));
    const saves = () => `${settled.map((name) => house.practices[name].look.saves)}`;
    const before = saves();
    await atRest(walker, true);
    const after = saves();
    if (before !== after)
      problems.push(`flapping: ${settled} saved ${before}, then ${after} in a pass that had nothing to do`);
  }
  if (problems.length > 0) throw new Error(`\n${problems.join('\n')}`);
  oracle.quiet(works, idle.length === 0);
}

/** Whom an operator declared a leaver still, of those who were inactive in between. */
async function declared({ house, oracle }: Walker): Promise<void> {
  if (oracle.outdated.size === 0) return;
  const rows = await house.store.read((db) => db.selectFrom('ordered_leavers').select('person').execute());
  const words = new Set(rows.map(({ person }) => person));
  for (const id of oracle.outdated) {
    if (!oracle.people.get(id)!.active) continue;
    if (words.has(id)) oracle.declared.add(id);
    oracle.outdated.delete(id);
  }
}
