import { milliseconds } from '../../../config/scalars.ts';
import { usage } from '../../failure.ts';

/** Milliseconds of what was typed behind an option. @throws ScimError CLI_USAGE */
export function durationOf(option: string, text: string): number {
  if (!/^\d{1,9}(m|h|d)$/.test(text)) throw usage(`${option} takes a number with m, h or d, e.g. 90d`);
  return milliseconds(text);
}

/** The instant so long from now. @throws ScimError CLI_USAGE */
export function expiryAfter(now: number, text: string): string {
  const at = now + durationOf('--expires', text);
  if (at > 8.64e15) throw usage('--expires is too far away');
  return new Date(at).toISOString();
}
