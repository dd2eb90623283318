import type { Transaction } from '../../access/ports/store.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import type { Tables } from '../../store/tables.ts';
import {
  type AccountToken,
  makeToken,
  requireGone,
  revokeOthers,
  tokenLeft,
  tokensOf,
} from '../../sync/uses/accountTokens.ts';
import { tokensGone } from '../../sync/uses/usesNoted.ts';
import type { OwnToken, OwnTokenMade, OwnTokensRevoked } from '../answers.ts';
import { openController } from './controllers.ts';
import type { Parts } from './parts.ts';
import { whileItCan } from './whileItCan.ts';

/**
 * Makes a token, proves that it opens, and has it kept: once it is in the ledger, and as the last thing that may fail.
 * @throws ScimError JEN_*, STORE_*, CTL_TOKEN_LEFT, and whatever `keep` throws; it is revoked again then
 */
export async function createOwnToken(
  parts: Parts,
  controller: string,
  keep: (token: string) => void,
): Promise<OwnTokenMade> {
  const { config, context, log } = parts;
  const configured = config.controllers.find(({ name }) => name === controller)!;
  const { user } = configured;
  const now = context.controller(controller);
  await now.whoAmI();
  const others = await tokensOf(now, user);
  const name = `jenkins-scim ${new Date(context.clock.now()).toISOString()}`;
  const made = await makeToken(now, user, name);
  const uses = whileItCan(context.uses(controller));
  const next = openController(configured, { timeout: config.sync.timeout, log, uses, secret: made.value });
  const token = { token: made.uuid, name };
  let mayBeRecorded = false;
  try {
    await next.whoAmI();
    // Where that is not answered, it may be there all the same.
    mayBeRecorded = true;
    await parts.store.write((tx) => record(parts, tx, configured, 'controller.token-created', token));
    keep(made.value);
  } catch (error) {
    await next
      .revokeToken(made.uuid)
      .catch(() => now.revokeToken(made.uuid))
      .then(() => requireGone(now, user, [made]))
      .catch(() => {
        throw tokenLeft(controller, name, error);
      });
    const revoked = { revoked: [token], left: [] };
    if (mayBeRecorded)
      await parts.store.write((tx) => record(parts, tx, configured, 'controller.tokens-revoked', revoked));
    throw error;
  } finally {
    await next.close();
  }
  return { uuid: made.uuid, name, token: made.value, others: others.map(shown) };
}

/** Revokes what is not in use, and reads back. @throws ScimError JEN_*, CTL_TOKEN_UNTOLD, CTL_TOKEN_NEWER, CTL_TOKEN_USED */
export async function revokeOtherTokens(
  parts: Parts,
  controller: string,
  options: { readonly force: boolean },
): Promise<OwnTokensRevoked> {
  const { config, context, store } = parts;
  const configured = config.controllers.find(({ name }) => name === controller)!;
  const { inUse, revoked, left, failure } = await revokeOthers(
    context.controller(controller),
    configured.user,
    options,
  );
  const named = (tokens: readonly AccountToken[]) => tokens.map(({ uuid, name }) => ({ token: uuid, name }));
  if (revoked.length + left.length > 0)
    await store.write(async (tx) => {
      await tokensGone(
        tx,
        controller,
        revoked.map(({ uuid }) => uuid),
      );
      const body = { inUse, revoked: named(revoked), left: named(left) };
      await record(parts, tx, configured, 'controller.tokens-revoked', body);
    });
  if (failure !== undefined) throw failure;
  return { inUse, revoked: revoked.map(shown), left: left.map(shown) };
}

/** What became of tokens of the account. */
async function record(
  { ledger, operator }: Parts,
  tx: Transaction<Tables>,
  { name, user }: ControllerConfig,
  kind: 'controller.token-created' | 'controller.tokens-revoked',
  body: Readonly<Record<string, unknown>>,
): Promise<void> {
  const subject = { kind: 'controller', id: name } as const;
  await ledger.record(tx, { kind, actor: operator, subject, body: { account: user, ...body } });
}

function shown({ uuid, name, created, lastUse }: AccountToken): OwnToken {
  return {
    ...{ uuid, name },
    ...(created === undefined ? {} : { createdAt: new Date(created).toISOString() }),
    ...(lastUse === undefined ? {} : { lastUsedAt: new Date(lastUse).toISOString() }),
  };
}
