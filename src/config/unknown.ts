import { refuse, type ScimError } from '../errors.ts';
import { didYouMean } from './nearest.ts';

/** Roles may be thousands. */
const MOST_LISTED = 50;

/** A name of a controller that the configuration does not have; the nearest one that it has, and all of them. */
export function unknownController(controller: string, known: readonly string[]): ScimError {
  return refuse('CTL_UNKNOWN', { controller, hint: didYouMean(controller, known), known: listed(known) });
}

/** Likewise of a connection. */
export function unknownConnection(connection: string, known: readonly string[]): ScimError {
  const reason = `there is no connection called ${connection}${didYouMean(connection, known)}`;
  return refuse('CLI_USAGE', { reason, remedy: `Known: ${listed(known)}.` });
}

/** Likewise of a role; `what` is said of it, e.g. "Nothing owns". */
export function unknownRole(what: string, role: string, known: readonly string[]): ScimError {
  return refuse('ROLE_UNKNOWN', { what, role, hint: didYouMean(role, known), known: listed(known) });
}

function listed(known: readonly string[]): string {
  const shown = known.slice(0, MOST_LISTED).join(', ') || 'none';
  return known.length > MOST_LISTED ? `${shown} and ${known.length - MOST_LISTED} more` : shown;
}
