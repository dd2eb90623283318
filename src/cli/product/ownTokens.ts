import { type AccountToken, makeToken, revokeOthers, tokensOf } from '../../sync/accountTokens.ts';
import { tokensGone } from '../../sync/usesNoted.ts';
import type { OwnToken, OwnTokenMade, OwnTokensRevoked } from '../engine.ts';
import { openController } from './controllers.ts';
import type { Parts } from './parts.ts';
import { whileItCan } from './whileItCan.ts';

/** Makes a token, proves that it opens, and has it kept. @throws ScimError JEN_*, CTL_TOKEN_LEFT, and whatever `keep` throws */
export async function createOwnToken(
  parts: Parts,
  controller: string,
  keep: (token: string) => void,
): Promise<OwnTokenMade> {
  const { config, context, log, ledger, store, operator } = parts;
  const configured = config.controllers.find(({ name }) => name === controller)!;
  const { user } = configured;
  const now = context.controller(controller);
  await now.whoAmI();
  const name = `jenkins-scim ${new Date(context.clock.now()).toISOString()}`;
  const made = await makeToken(now, user, name);
  const uses = whileItCan(context.uses(controller));
  const next = openController(configured, { timeout: config.sync.timeout, log, uses, secret: made.value });
  try {
    await next.whoAmI();
    keep(made.value);
  } catch (error) {
    await next.revokeToken(made.uuid).catch(() => now.revokeToken(made.uuid));
    throw error;
  } finally {
    await next.close();
  }
  const subject = { kind: 'controller', id: controller } as const;
  const body = { account: user, token: made.uuid, name };
  await store.write((tx) => ledger.record(tx, { kind: 'controller.token-created', actor: operator, subject, body }));
  const others = (await tokensOf(now, user)).filter(({ uuid }) => uuid !== made.uuid);
  return { uuid: made.uuid, name, token: made.value, others: others.map(shown) };
}

/** Revokes what is not in use, and reads back. @throws ScimError JEN_*, CTL_TOKEN_UNTOLD, CTL_TOKEN_NEWER, CTL_TOKEN_USED */
export async function revokeOtherTokens(
  parts: Parts,
  controller: string,
  options: { readonly force: boolean },
): Promise<OwnTokensRevoked> {
  const { config, context, ledger, store, operator } = parts;
  const { user } = config.controllers.find(({ name }) => name === controller)!;
  const { inUse, revoked, left } = await revokeOthers(context.controller(controller), user, options);
  const named = (tokens: readonly AccountToken[]) => tokens.map(({ uuid, name }) => ({ token: uuid, name }));
  const body = { account: user, inUse, revoked: named(revoked), left: named(left) };
  const subject = { kind: 'controller', id: controller } as const;
  if (revoked.length + left.length > 0)
    await store.write(async (tx) => {
      await tokensGone(
        tx,
        controller,
        revoked.map(({ uuid }) => uuid),
      );
      await ledger.record(tx, { kind: 'controller.tokens-revoked', actor: operator, subject, body });
    });
  return { inUse, revoked: revoked.map(shown), left: left.map(shown) };
}

function shown({ uuid, name, created, lastUse }: AccountToken): OwnToken {
  return {
    ...{ uuid, name },
    ...(created === undefined ? {} : { createdAt: new Date(created).toISOString() }),
    ...(lastUse === undefined ? {} : { lastUsedAt: new Date(lastUse).toISOString() }),
  };
}
