import type { Answer } from '../answer.ts';
import { DONE } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { jettyPage } from '../pages/jetty.ts';
import { ROLE_STRATEGY, SaveFailed } from '../state/home.ts';
import { BadParameter, Rejected } from './parameters.ts';
import { READS } from './roleStrategyReads.ts';
import { WRITES } from './roleStrategyWrites.ts';

/**
 * `/role-strategy/strategy/{method}`, also below `/manage`. Who may not: 403 before anything else. Writes take POST only
 * and answer others with 405, but the two template writes and the reads with 404.
 */
export function roleStrategy(exchange: Exchange): Answer | undefined {
  const { request, home } = exchange;
  const path = request.segments[0] === 'manage' ? request.segments.slice(1) : request.segments;
  if (path.length !== 3 || path[0] !== 'role-strategy' || path[1] !== 'strategy') return undefined;
  const refused = exchange.refusedAnyOf();
  if (refused !== undefined) return refused;
  if (home.strategyClass !== ROLE_STRATEGY) return undefined;
  const name = path[2]!;
  try {
    const read = READS.get(name);
    if (read !== undefined) return request.method === 'GET' ? read(home, request.parameters) : undefined;
    const write = WRITES.get(name);
    if (write === undefined) return undefined;
    if (request.method !== 'POST') return write.otherMethods === 405 ? exchange.wrongMethod() : undefined;
    write.run(home.strategy, request.parameters);
    home.save();
    return DONE;
  } catch (error) {
    if (error instanceof BadParameter || error instanceof SaveFailed) return exchange.oops();
    if (error instanceof Rejected) return jettyPage(400, error.message, request.path);
    throw error;
  }
}
