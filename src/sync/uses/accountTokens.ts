import type { Controller, MadeToken, OlderCredentials } from '../../access/ports/controller.ts';
import { refuse, type ScimError } from '../../errors.ts';
import { tokenInUse, untold } from './tokenInUse.ts';

/** An API token of the service's own account; times by the controller's clock, milliseconds since the epoch. */
export type AccountToken = OlderCredentials['tokens'][number];

type Asked = Pick<Controller, 'name' | 'older' | 'uses' | 'createToken' | 'revokeToken'>;

/** Milliseconds: what was used so recently is in use. Each replica looks at its controllers more often. */
const RECENT = 300_000;
/** Milliseconds from a new token to its being read where `apiToken` points. */
const CHANGING = 5_000;

/** The first fifty of the account; of one without a record, none. @throws ScimError JEN_* */
export async function tokensOf(controller: Asked, account: string): Promise<readonly AccountToken[]> {
  return (await recordOf(controller, account)).tokens;
}

async function recordOf(controller: Asked, account: string): Promise<Pick<OlderCredentials, 'tokens' | 'tokenCount'>> {
  const { known } = await controller.older([account]);
  const [found] = known;
  if (found?.error !== undefined)
    throw refuse('JEN_ANSWER', { controller: controller.name, reason: `${account} cannot be read: ${found.error}` });
  return found ?? { tokens: [], tokenCount: 0 };
}

/**
 * Makes a token of that name, which nobody has used for one before. Where the answer was lost, what was made is revoked again.
 * @throws ScimError JEN_*, CTL_TOKEN_LEFT where that cannot be done either
 */
export async function makeToken(controller: Asked, account: string, name: string): Promise<MadeToken> {
  try {
    return await controller.createToken(name);
  } catch (error) {
    try {
      const { tokens, tokenCount } = await recordOf(controller, account);
      const lost = tokens.filter((token) => token.name === name);
      if (lost.length === 0 && tokenCount > tokens.length) throw error;
      for (const { uuid } of lost) await controller.revokeToken(uuid);
      await requireGone(controller, account, lost);
    } catch {
      throw tokenLeft(controller.name, name, error);
    }
    throw error;
  }
}

/** A realm that lets nothing through may answer as if it had been revoked (jenkins-verified.md, oic-auth 3). @throws ScimError JEN_* where one of them is there */
export async function requireGone(
  controller: Asked,
  account: string,
  revoked: readonly Pick<AccountToken, 'uuid'>[],
): Promise<void> {
  const there = new Set((await tokensOf(controller, account)).map(({ uuid }) => uuid));
  if (revoked.some(({ uuid }) => there.has(uuid)))
    throw refuse('JEN_ANSWER', { controller: controller.name, reason: 'an API token that was revoked is still there' });
}

/** A token that may be there for nobody; `cause` is why nobody has it. */
export function tokenLeft(controller: string, token: string, cause: unknown): ScimError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return refuse('CTL_TOKEN_LEFT', { controller, token, reason }, cause);
}

/** What became of the others. */
interface OthersRevoked {
  readonly inUse: string;
  readonly revoked: readonly AccountToken[];
  /** Still there when it was read again, or may be where that cannot be read. */
  readonly left: readonly AccountToken[];
  /** What the first one met that was not revoked, those behind it were not tried; or what the reading of them met. */
  readonly failure?: unknown;
}

/**
 * Revokes every token of the account but the one in use, and reads back. `force`: also what is newer, or was used a moment ago.
 * @throws ScimError CTL_TOKEN_UNTOLD, CTL_TOKEN_NEWER, CTL_TOKEN_USED, JEN_*: nothing was revoked
 */
export async function revokeOthers(
  controller: Asked,
  account: string,
  { force }: { readonly force: boolean },
): Promise<OthersRevoked> {
  const inUse = await tokenInUse(controller, account);
  const there = await tokensOf(controller, account);
  const others = there.filter(({ uuid }) => uuid !== inUse);
  const own = there.find(({ uuid }) => uuid === inUse);
  if (own === undefined) throw untold(controller, account, 'it has more than are listed');
  const about = (tokens: readonly AccountToken[]) => ({
    ...{ controller: controller.name, user: account },
    tokens: tokens.map(({ uuid, name }) => `${uuid} (${name})`).join(', '),
  });
  const newer = others.filter(({ created }) => (created ?? 0) > (own.created ?? 0));
  if (newer.length > 0 && !force) throw refuse('CTL_TOKEN_NEWER', about(newer));
  const used = others.filter((token) => stillUsed(token, own));
  if (used.length > 0 && !force) throw refuse('CTL_TOKEN_USED', about(used));
  let met: { readonly failure?: unknown } = {};
  try {
    for (const { uuid } of others) if (uuid !== '') await controller.revokeToken(uuid);
  } catch (failure) {
    met = { failure };
  }
  const read = await tokensOf(controller, account).catch((failure: unknown) => {
    // Nobody can tell which of them are gone.
    met = { failure: met.failure ?? failure };
    return others;
  });
  const left = read.filter(({ uuid }) => uuid !== inUse);
  const gone = others.filter(({ uuid }) => left.every((token) => token.uuid !== uuid));
  return { inUse, revoked: gone, left, ...met };
}

/** Since the one in use was made, and a moment ago: it was used just now, so it tells the controller's time. */
function stillUsed({ lastUse = 0 }: AccountToken, { created = 0, lastUse: now = 0 }: AccountToken): boolean {
  return lastUse > created + CHANGING && lastUse > now - RECENT;
}
