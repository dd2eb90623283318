import { createHash } from 'node:crypto';
import type { Request } from './request.ts';
import type { Home } from './state/home.ts';

const CRUMB_FIELD = 'Jenkins-Crumb';

/** DefaultCrumbIssuer: bound to the user's name and the HTTP session. */
export function crumbFor(home: Home, name: string, session: string): string {
  return createHash('sha256').update(`${name};${session}${home.salt}`).digest('hex');
}

/** The crumb a request carries, in its header or as a field. */
export function crumbIn(request: Request): string | undefined {
  return request.headers[CRUMB_FIELD.toLowerCase()] ?? request.parameters.get(CRUMB_FIELD);
}
