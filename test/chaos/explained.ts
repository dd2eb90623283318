import { explain } from '../../src/sync/explain.ts';
import { type ControllerName, foldOn } from './controllers.ts';
import { ROLES } from './known.ts';
import type { Standing } from './standing.ts';

/** `explain` tells the rules of what is there, and nothing of what is not. */
export async function explained(standing: Standing, name: ControllerName): Promise<string[]> {
  const { house, oracle } = standing;
  const problems: string[] = [];
  const context = house.command();
  const config = house.config().controllers.find((one) => one.name === name)!;
  const there = standing.entries(name);
  const waiting = await standing.waiting(name);
  for (const person of oracle.living()) {
    if (oracle.isPaused(person)) continue;
    const told = await explain(context, config, person.id, {});
    const id = oracle.claims[name].get(person.id);
    if ((told.jenkinsId === null ? undefined : foldOn(name, told.jenkinsId)) !== id)
      problems.push(
        `${name}: explain calls ${person.userName} ${person.id.slice(-4)} ${told.jenkinsId} instead of ${id}`,
      );
    if (id === undefined) {
      // Who left and waits has what is said to be held; nothing is only late after a whole look.
      const stands = told.grants.filter(({ effective, loss }) => effective && (loss ?? 'pending') === 'pending');
      if (stands.length > 0)
        problems.push(`${name}: explain tells grants of ${person.userName}, who has no id: ${JSON.stringify(stands)}`);
      continue;
    }
    const former = waiting.filter((one) => one.person === person.id).map((one) => one.id);
    for (const role of ROLES) {
      const key = `${role} ${id}`;
      const wanted = standing.wanted[name].get(key);
      const grant = told.grants.find((one) => one.role === role);
      const rules = [...new Set(grant?.reasons.map(({ rule }) => rule) ?? [])].sort();
      if (wanted?.must && there.has(key)) {
        if (
          grant?.effective !== true ||
          // What a deleted group gave is kept, and said to be held.
          (grant.loss !== undefined && wanted.rules.size > 0) ||
          grant.overdue ||
          rules.length === 0 ||
          ![...wanted.rules].every((rule) => rules.includes(rule)) ||
          !rules.every((rule) => wanted.rules.has(rule) || wanted.kept.has(rule))
        )
          problems.push(
            `${name}: explain tells ${JSON.stringify(grant)} of ${key} instead of ${[...wanted.rules, ...wanted.kept]}`,
          );
      } else if (
        wanted === undefined &&
        grant !== undefined &&
        // What waits may stand at an id that they gave up.
        !(grant.loss !== undefined && [id, ...former].some((one) => there.has(`${role} ${one}`)))
      )
        problems.push(
          `${name}: explain tells ${JSON.stringify(grant)} of ${key}, which no rule gives; it is ${there.has(key) ? '' : 'not '}there`,
        );
    }
  }
  return problems;
}
