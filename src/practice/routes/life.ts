import { type Answer, redirect } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { PERMISSIONS } from '../state/catalogue.ts';

/** `POST /quietDown`, `/cancelQuietDown`, `/reload`, `/restart`, `/safeRestart`: 302 to the root, whatever follows. */
export function life(exchange: Exchange): Answer | undefined {
  const { request, home, host } = exchange;
  const [order, ...rest] = request.segments;
  if (request.method !== 'POST' || rest.length > 0) return undefined;
  const refused = exchange.refused(PERMISSIONS.administer);
  if (refused !== undefined) return refused;
  if (order === 'quietDown') home.quietingDown = true;
  else if (order === 'cancelQuietDown') home.quietingDown = false;
  else host.begin(order as 'reload' | 'restart' | 'safeRestart');
  return redirect('/');
}
