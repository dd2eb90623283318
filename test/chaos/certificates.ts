import { certificateOf } from '../../src/sync/leavers/certificate.ts';
import { type ControllerName, fold, isGuarded } from './controllers.ts';
import type { Standing } from './standing.ts';
import type { Out } from './walker.ts';

/** A certificate is complete exactly when nothing is left. */
export async function certificates(
  standing: Standing,
  works: readonly ControllerName[],
  idle: readonly ControllerName[],
  out: ReadonlyMap<ControllerName, Out>,
): Promise<string[]> {
  const { house, oracle } = standing;
  const problems: string[] = [];
  const waiting = (await Promise.all(works.map((name) => standing.waiting(name)))).flat();
  for (const person of oracle.people.values()) {
    if (oracle.counts(person)) continue;
    const asked = {
      id: person.id,
      connection: person.connection,
      userName: person.userName,
      state: person.deleted ? 'deleted' : 'leaver',
    } as const;
    const certificate = await house.store.read((db) =>
      certificateOf(db, asked, house.config(), house.ledger.departures),
    );
    const unpaid = idle.length === 0 && waiting.some((one) => one.person === person.id);
    const kept = works.filter((name) => oracle.isPaused(person) && oracle.claims[name].has(person.id));
    if (kept.length > 0 && certificate.complete)
      problems.push(`${person.userName} left, the connection is paused, and the certificate is complete`);
    for (const [name, how] of out)
      if (how === 'waits' && oracle.claims[name].has(person.id) && certificate.complete)
        problems.push(`${person.userName} left, ${name} is not configured any more, and the certificate is complete`);
    if (oracle.isPaused(person) || oracle.letGo.has(person.id)) continue;
    if (idle.length === 0 && !unpaid && !certificate.complete && !isGuarded(fold(person.userName)))
      problems.push(
        `${person.userName} ${person.id.slice(-4)} left, and the certificate is not complete: ${JSON.stringify(certificate.controllers)}`,
      );
    if (unpaid && certificate.complete)
      problems.push(`${person.userName} left, is held, and the certificate is complete`);
  }
  return problems;
}
