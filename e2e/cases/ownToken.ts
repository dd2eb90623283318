import assert from 'node:assert/strict';
import { makeToken, tokensOf } from '../../src/sync/uses/accountTokens.ts';
import type { Case } from '../case.ts';
import { speak } from '../http.ts';

export const ownToken: Case = {
  name: "own token: a new one of the service's account opens, and no more when it is revoked",
  async run({ stage, prefix, afterwards }) {
    const { controller, user } = stage;
    const by = async (secret: string): Promise<number> =>
      (await speak(new URL('whoAmI/api/json', stage.url), { user, secret })).status;
    const made = await makeToken(controller, user, `${prefix}token`);
    afterwards(() => controller.revokeToken(made.uuid));
    assert.equal(await by(made.value), 200);
    const listed = (await tokensOf(controller, user)).find(({ uuid }) => uuid === made.uuid);
    assert.ok((listed?.lastUse ?? 0) >= (listed?.created ?? Number.POSITIVE_INFINITY), 'its use is counted');
    await controller.revokeToken(made.uuid);
    assert.equal(await by(made.value), 401);
    assert.ok((await tokensOf(controller, user)).every(({ uuid }) => uuid !== made.uuid));
  },
};
