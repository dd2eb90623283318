import assert from 'node:assert/strict';
import type { LeaverStepKind } from '../../src/access/ports/controller.ts';
import type { Case, Scene } from '../case.ts';
import { eventually } from '../eventually.ts';
import { assignByHand, entries } from '../rest.ts';
import { make, send } from '../roles.ts';
import { logIn, whoIs } from '../visitor.ts';

export const ALL_STEPS: readonly LeaverStepKind[] = [
  'revoke-tokens',
  'remove-ssh-keys',
  'close-ssh-sessions',
  'scramble-password',
  'end-sessions',
  'remove-entries',
  'second-cut',
];

/** What a leaver could still try. */
export interface Belongings {
  readonly id: string;
  readonly password: string;
  readonly token: string;
  readonly legacy: string;
  readonly session: string;
}

/** A person with a password, two kinds of token, a key, a live session and, where there is SSH, an open connection. */
export async function equip(scene: Scene, id: string): Promise<Belongings & { readonly ssh: boolean }> {
  const { stage, prefix } = scene;
  const { rig } = stage;
  const password = `${prefix}first-password`;
  scene.afterwards(() => rig.forget(id));
  await rig.account(id, password);
  const token = await rig.token(id);
  const legacy = await rig.legacyToken(id);
  await rig.sshKey(id);
  const ssh = await rig.sshSession(id);
  const session = await logIn(stage, id, password);
  assert.ok(session !== undefined, 'the test person cannot log in');
  assert.equal(await whoIs(stage, { user: id, secret: token }), id);
  assert.equal(await whoIs(stage, { user: id, secret: legacy }), id);
  assert.equal(await whoIs(stage, { cookie: session }), id);
  return { id, password, token, legacy, session, ssh };
}

/** Nothing of what somebody had opens anything. */
export async function assertShutOut({ stage }: Scene, had: Belongings): Promise<void> {
  assert.equal(await whoIs(stage, { user: had.id, secret: had.token }), '401', 'API token');
  assert.equal(await whoIs(stage, { user: had.id, secret: had.legacy }), '401', 'legacy token');
  assert.equal(await whoIs(stage, { cookie: had.session }), 'anonymous', 'live session');
  assert.equal(await whoIs(stage, { user: had.id, secret: had.password }), '401', 'password');
  assert.equal(await logIn(stage, had.id, had.password), undefined, 'login');
}

export const leaver: Case = {
  name: 'leaver: tokens, legacy token, key, password, live sessions, entries',
  run: (scene) => leave(scene, `${scene.prefix}leaver`),
};

export const oddLeaver: Case = {
  name: 'leaver whose id has a quote, a +, an umlaut and a space',
  run: (scene) => leave(scene, `${scene.prefix}o'Hara+ü x`),
};

export const cliCommand: Case = {
  name: 'leaver: a command of the Jenkins CLI that waits for input is ended',
  async run(scene) {
    const { stage, prefix } = scene;
    const { controller, rig } = stage;
    const id = `${prefix}shell`;
    const job = `${prefix}made-by-the-cli`;
    scene.afterwards(() => rig.forget(id));
    scene.afterwards(() => rig.dropJob(job));
    await rig.account(id, `${prefix}first-password`);
    const permissions = ['hudson.model.Hudson.Read', 'hudson.model.Item.Create'];
    await make(scene, { type: 'global', name: `${id}-creates`, pattern: '.*', permissions }, [id]);
    const command = await rig.cliCommand(id, await rig.token(id), job);
    await eventually(async () => (await controller.people([id]))[0]!.sshSessions, 1);
    const { results } = await controller.cut(scene.fence(), [{ id, steps: ALL_STEPS, entries: 'all' }]);
    assert.equal(results[0]!.steps.find(({ kind }) => kind === 'close-ssh-sessions')?.count, 1);
    assert.equal(results[0]!.after.sshSessions, 0);
    await eventually(() => Promise.resolve(command.ended()), true);
    return undefined;
  },
};

async function leave(scene: Scene, id: string): Promise<string> {
  const { stage, prefix } = scene;
  const had = await equip(scene, id);
  const key = await make(scene, { type: 'item', name: `${prefix}left`, pattern: '.*', permissions: [] }, [id, 'ben']);
  await send(scene, [{ op: 'grant', role: key, principal: { type: 'group', id } }]);
  await assignByHand(stage, key, 'user', id.toUpperCase());
  await assignByHand(stage, key, 'either', id);
  const [before] = await stage.controller.people([id]);
  assert.equal(before!.tokens.length, 2);
  assert.equal(before!.sshKeys, 1);
  assert.equal(before!.entries.length, 3);
  assert.equal(before!.sshSessions, had.ssh ? 1 : 0);

  const { outcome, results } = await stage.controller.cut(scene.fence(), [{ id, steps: ALL_STEPS, entries: 'all' }]);
  assert.equal(outcome, 'done');
  const [result] = results;
  assert.equal(result!.error, undefined);
  assert.deepEqual(result!.missing, []);
  for (const step of result!.steps) assert.ok(step.done, JSON.stringify(step));
  assert.deepEqual(
    result!.steps.map((step) => step.kind),
    ALL_STEPS,
  );
  const { tokens, sshKeys, sshSessions, entries: left } = result!.after;
  assert.deepEqual({ tokens, sshKeys, sshSessions, left }, { tokens: [], sshKeys: 0, sshSessions: 0, left: [] });
  await assertShutOut(scene, had);
  assert.deepEqual(await entries(stage, key), [`group ${id}`, 'user ben'].toSorted());
  return had.ssh ? 'with an open SSH session' : 'without an SSH session';
}
