import { type Answer, text } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { runScript } from '../scripts/run.ts';
import { PERMISSIONS } from '../state/catalogue.ts';

/** `POST /scriptText`: 200 whatever happens; no script is 200 and empty (topic 03, exchanges 07–26). */
export function scriptText(exchange: Exchange): Answer | undefined {
  const { request, home, host, visit } = exchange;
  if (request.segments.length !== 1 || (request.method !== 'POST' && request.method !== 'GET')) return undefined;
  const refused = exchange.refused(PERMISSIONS.administer);
  if (refused !== undefined) return refused;
  const script = request.parameters.get('script');
  if (script === undefined) return text('');
  if (request.method !== 'POST') return exchange.page(405, 'Jenkins - Jenkins');
  return text(script === '' ? '' : runScript(script, { home, caller: visit.visitor.name, now: host.now() }));
}
