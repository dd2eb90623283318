import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { Arena } from './arena.ts';
import { type Shot, shot } from './requests.ts';

export interface Outcome {
  readonly cases: number;
  readonly seed: number;
  readonly statuses: ReadonlyMap<number, number>;
  /** Longest wait for the answers of one volley, in milliseconds. */
  readonly slowest: number;
}

/** Requests that are on their way at the same time. */
const VOLLEY = 48;
/** A database is left for a new one after so many cases. */
const ROUND = 25_000;

/**
 * Sends so many cases; the same seed sends the same. @throws Error that holds the seed and the request at fault
 */
export async function campaign(
  cases: number,
  seed: number,
  now: () => number,
  onRound: (sent: number) => void = () => undefined,
): Promise<Outcome> {
  const statuses = new Map<number, number>();
  let sent = 0;
  let slowest = 0;
  for (let round = 0; sent < cases; round++) {
    const endings: (() => unknown)[] = [];
    const t: Pick<TestContext, 'after'> = { after: (end) => void endings.push(end as () => unknown) };
    try {
      const arena = await Arena.open(t);
      const volleys = fc.array(shot, { minLength: 1, maxLength: VOLLEY, size: 'max' });
      const until = Math.min(cases, sent + ROUND);
      const shots = fc.sample(volleys, { seed: seed + round, numRuns: 1 + Math.ceil((until - sent) / 8) });
      for (const shotsOfVolley of shots) {
        if (sent >= until) break;
        const from = now();
        await arena.volley(shotsOfVolley satisfies Shot[]);
        slowest = Math.max(slowest, now() - from);
        sent += shotsOfVolley.length;
      }
      await arena.sound();
      for (const [status, count] of arena.statuses) statuses.set(status, (statuses.get(status) ?? 0) + count);
    } catch (error) {
      throw new Error(`seed ${seed}, round ${round}, after ${sent} cases: ${(error as Error).message}`, {
        cause: error,
      });
    } finally {
      for (const end of endings.reverse()) await end();
    }
    onRound(sent);
  }
  return { cases: sent, seed, statuses, slowest };
}
