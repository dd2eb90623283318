import assert from 'node:assert/strict';
import type { OlderEntry } from '../../src/cli/answers.ts';
import { systemClock } from '../../src/cli/edge.ts';
import type { Case } from '../case.ts';
import { eventually } from '../eventually.ts';
import { pushTeam } from '../pushed.ts';
import { entries } from '../rest.ts';
import { startService } from '../service.ts';
import { logIn, whoIs } from '../visitor.ts';
import { equip } from './leaver.ts';
import { policyOf, roleOf } from './service.ts';

const quiet = (): void => {};

export const linked: Case = {
  name: 'service: an id that existed lists its older tokens and keys; revoking ends them, grants and password stay',
  async run(scene) {
    const { stage, prefix } = scene;
    const id = `${prefix}o'Lder+ü x`;
    const bare = `${prefix}bare`;
    const began = systemClock.now();
    const had = await equip(scene, id);
    scene.afterwards(() => stage.rig.forget(bare));
    await stage.rig.account(bare, `${prefix}another-password`);
    const people = (await stage.controller.inventory()).map((one) => one.id);
    const { engine, okta } = await startService(scene, policyOf(scene));
    const names = [id.toUpperCase(), bare, `${prefix}nobody`];
    await pushTeam(okta, `${prefix}devs`, names);
    await eventually(() => entries(stage, roleOf(scene)), names.map((name) => `user ${name}`).toSorted());
    const list = async (): Promise<readonly OlderEntry[]> => (await engine.older.list({})).older;
    const took = await eventually(async () => (await list()).map((entry) => entry.record), [id]);
    const [entry] = await list();
    const { tokens, sshKeys, ...rest } = entry!;
    assert.deepEqual(
      [rest.id, rest.connection, rest.takenOver, rest.tokenCount, rest.sshKeyCount, rest.password, rest.error],
      [id.toUpperCase(), 'okta', false, 2, 1, true, undefined],
    );
    assert.equal(rest.sshSessions, had.ssh ? 1 : 0);
    assert.equal(tokens.filter(({ legacy }) => legacy).length, 1);
    for (const { createdAt } of tokens) {
      const made = Date.parse(createdAt ?? '');
      assert.ok(Math.abs(made - began) < 600_000, `made ${createdAt}`);
    }
    assert.equal(new Set(tokens.map(({ uuid }) => uuid)).size, 2);
    assert.equal(sshKeys.length, 1);
    assert.doesNotMatch(
      JSON.stringify(entry),
      new RegExp(`${had.token}|${had.legacy}`),
      'a secret left the controller',
    );
    assert.deepEqual(
      (await stage.controller.inventory()).map((one) => one.id),
      people,
      'a record was made',
    );
    assert.equal(await whoIs(stage, { user: id, secret: had.token }), id, 'nothing is revoked by itself');

    const [applied] = await engine.older.revoke({ user: id.toUpperCase() }, quiet);
    assert.deepEqual([applied?.failed, applied?.error], [0, undefined], JSON.stringify(applied));
    assert.equal(await whoIs(stage, { user: id, secret: had.token }), '401', 'API token');
    assert.equal(await whoIs(stage, { user: id, secret: had.legacy }), '401', 'legacy token');
    assert.equal(await whoIs(stage, { cookie: had.session }), 'anonymous', 'live session');
    const [after] = await stage.controller.people([id]);
    assert.deepEqual([after!.tokens.length, after!.sshKeys, after!.sshSessions], [0, 0, 0]);
    assert.notEqual(await logIn(stage, id, had.password), undefined, 'the password opens no session any more');
    assert.deepEqual(await entries(stage, roleOf(scene)), names.map((name) => `user ${name}`).toSorted());
    assert.deepEqual(await list(), []);
    return `listed ${took} ms after the grant`;
  },
};

export const takenOver: Case = {
  name: 'service: the primary connection takes an id over, and what the other one left there is listed',
  async run(scene) {
    const { stage, prefix } = scene;
    const id = `${prefix}squatted`;
    const other = { type: 'item', name: `${prefix}other` } as const;
    const policy = JSON.parse(policyOf(scene));
    policy.roles.other = { ...policy.roles.developer, name: other.name };
    policy.rules.push({ id: 'others', from: 'entra', group: `${prefix}squatters`, grant: 'other' });
    const { engine, okta, entra } = await startService(scene, JSON.stringify(policy));
    scene.afterwards(() => stage.rig.forget(id));
    await stage.rig.account(id, `${prefix}a-password`);
    await pushTeam(await entra(), `${prefix}squatters`, [id]);
    await eventually(() => entries(stage, other), [`user ${id}`]);
    const token = await stage.rig.token(id);
    assert.deepEqual((await engine.older.list({})).older, [], 'what is younger than the link');
    await pushTeam(okta, `${prefix}devs`, [id]);
    await eventually(() => entries(stage, roleOf(scene)), [`user ${id}`]);
    await eventually(() => entries(stage, other), []);
    await eventually(async () => {
      const { older } = await engine.older.list({});
      return older.map((one) => [one.id, one.takenOver, one.former ?? '', one.connection, one.tokenCount].join(' '));
    }, [[id, true, 'entra', 'okta', 1].join(' ')]);
    assert.equal(await whoIs(stage, { user: id, secret: token }), id);
    assert.equal(await engine.older.keep({ user: id }), 1);
    assert.deepEqual((await engine.older.list({})).older, []);
    assert.equal(await whoIs(stage, { user: id, secret: token }), id, 'what is kept still works');
    return undefined;
  },
};
