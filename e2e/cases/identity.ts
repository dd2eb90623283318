import assert from 'node:assert/strict';
import type { Case } from '../case.ts';

export const identity: Case = {
  name: 'identity: who we are, and what the controller is',
  async run({ stage }) {
    const me = await stage.controller.whoAmI();
    assert.equal(me.name.toLowerCase(), stage.user.toLowerCase());
    assert.equal(me.anonymous, false);
    const { core, plugins, permissions, userSeeds } = await stage.controller.probe();
    assert.ok(Number.parseInt(plugins['role-strategy'] ?? '0', 10) >= 657);
    assert.ok(permissions.some(({ id }) => id === 'hudson.model.Item.Build'));
    assert.equal(userSeeds, true);
    return `Jenkins ${core}, role-strategy ${plugins['role-strategy']}`;
  },
};
