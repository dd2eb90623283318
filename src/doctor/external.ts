import type { HttpAnswer } from '../access/ports/http.ts';
import type { Config } from '../config/schema.ts';

/** Sends an anonymous GET; rejects with a reason where nothing answers. */
type Ask = (url: string) => Promise<HttpAnswer>;

/** Looks under the external URL for our own 401; undefined where no URL is set. */
export async function probeExternal(
  config: Config,
  ask: Ask,
): Promise<{ answer: HttpAnswer } | { failure: string } | undefined> {
  const base = config.server.externalUrl;
  if (base === undefined) return undefined;
  try {
    return { answer: await ask(`${base}scim/v2/ServiceProviderConfig`) };
  } catch (error) {
    return { failure: `${base} does not answer: ${error instanceof Error ? error.message : String(error)}` };
  }
}
