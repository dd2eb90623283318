import { refuse, type ScimError } from '../errors.ts';
import { didYouMean } from './nearest.ts';

/** A name of a controller that the configuration does not have; the nearest one that it has, and all of them. */
export function unknownController(controller: string, known: readonly string[]): ScimError {
  return refuse('CTL_UNKNOWN', { controller, hint: didYouMean(controller, known), known: listed(known) });
}

/** Likewise of a connection. */
export function unknownConnection(connection: string, known: readonly string[]): ScimError {
  const reason = `there is no connection called ${connection}${didYouMean(connection, known)}`;
  return refuse('CLI_USAGE', { reason, remedy: `Known: ${listed(known)}.` });
}

function listed(known: readonly string[]): string {
  return known.join(', ') || 'none';
}
