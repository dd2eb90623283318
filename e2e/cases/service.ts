import assert from 'node:assert/strict';
import type { Case, Scene } from '../case.ts';
import { eventually } from '../eventually.ts';
import { deactivate, pushTeam, putIn, reactivate, takeOut } from '../pushed.ts';
import { assignByHand, entries, seen, unassignByHand } from '../rest.ts';
import { startService } from '../service.ts';
import { whoIs } from '../visitor.ts';
import { ALL_STEPS, assertShutOut, equip } from './leaver.ts';

/** One group, one item role of it; every name with the prefix of the run. */
export function policyOf({ prefix }: Scene, permissions: readonly string[] = ['Job/Read', 'Job/Build']): string {
  return JSON.stringify({
    version: 1,
    roles: {
      developer: { scope: { folder: 'pay' }, name: `${prefix}developer`, permissions },
    },
    rules: [{ id: 'developers', group: `${prefix}devs`, grant: 'developer' }],
  });
}

export const roleOf = ({ prefix }: Scene) => ({ type: 'item', name: `${prefix}developer` }) as const;

const held = (names: readonly string[]): string[] => names.map((name) => `user ${name}`).toSorted();

/** A service whose people are in the team, and hold its role. */
async function crew(scene: Scene, names: readonly string[]) {
  const service = await startService(scene, policyOf(scene));
  const team = await pushTeam(service.okta, `${scene.prefix}devs`, names);
  const took = await eventually(() => entries(scene.stage, roleOf(scene)), held(names));
  return { service, ...team, took };
}

export const pushed: Case = {
  name: 'service: people with odd ids pushed by SCIM hold their roles, and lose them',
  async run(scene) {
    const { stage, prefix } = scene;
    const names = ['ana@corp.test', "o'hara", 'say "hi"', 'jürgen.müßig', 'a+b@corp.test', 'with space'].map(
      (name) => prefix + name,
    );
    const { service, group, people, took: gained } = await crew(scene, names);
    assert.deepEqual((await seen(stage, roleOf(scene)))?.permissions, [
      'hudson.model.Item.Build',
      'hudson.model.Item.Read',
    ]);
    await takeOut(service.okta, group, people[1]!);
    const lost = await eventually(() => entries(stage, roleOf(scene)), held(names.filter((name) => name !== names[1])));
    return `all effective after ${gained} ms, a loss after ${lost} ms`;
  },
};

export const redefined: Case = {
  name: 'service: a policy edit redefines a role, and its assignments stay',
  async run(scene) {
    const { stage, prefix } = scene;
    const names = [`${prefix}ana`, `${prefix}ben`];
    const { service } = await crew(scene, names);
    service.policy(policyOf(scene, ['Job/Read', 'Job/Cancel']));
    await service.engine.apply({}, () => {});
    await eventually(
      async () => (await seen(stage, roleOf(scene)))?.permissions,
      ['hudson.model.Item.Cancel', 'hudson.model.Item.Read'],
    );
    assert.deepEqual(await entries(stage, roleOf(scene)), held(names));
    return undefined;
  },
};

export const repaired: Case = {
  name: 'service: drift of ours is repaired, a hand-made grant is reported and left alone',
  async run(scene) {
    const { stage, prefix } = scene;
    const names = [`${prefix}ana`, `${prefix}ben`];
    const { service } = await crew(scene, names);
    const mallory = `${prefix}mallory`;
    await assignByHand(stage, roleOf(scene), 'user', mallory);
    await unassignByHand(stage, roleOf(scene), 'user', names[0]!);
    const took = await eventually(() => entries(stage, roleOf(scene)), held([...names, mallory]));
    const plan = await service.engine.plan({});
    assert.ok(JSON.stringify(plan.document).includes(mallory), 'the plan does not tell of the hand-made grant');
    return `repaired after ${took} ms`;
  },
};

export const certified: Case = {
  name: 'service: a leaver loses everything, with a complete certificate',
  async run(scene) {
    const { stage, prefix } = scene;
    const id = `${prefix}leaving`;
    const had = await equip(scene, id);
    const { service, people } = await crew(scene, [id, `${prefix}ben`]);
    await assignByHand(stage, roleOf(scene), 'either', id.toUpperCase());
    await deactivate(service.okta, people[0]!);
    let early = false;
    const certificate = async () => {
      const now = await service.engine.leaver(id, { now: false }, () => {});
      if (now.complete && now.controllers.length === 0) early = true;
      return now;
    };
    await eventually(async () => {
      const { complete, controllers } = await certificate();
      return complete && controllers.length === 1;
    }, true);
    const [controller] = (await certificate()).controllers;
    assert.deepEqual(controller?.missing, []);
    for (const kind of ALL_STEPS)
      assert.ok(
        controller?.steps.some((step) => step.kind === kind && step.verified),
        `${kind} is not on the certificate`,
      );
    await assertShutOut(scene, had);
    assert.deepEqual(await entries(stage, roleOf(scene)), held([`${prefix}ben`]));
    assert.equal(early, false, 'the certificate said complete before any controller was on it');
    return `complete after ${controller?.elapsedMs} ms`;
  },
};

export const underAnotherStrategy: Case = {
  name: 'service: a leaver while another authorization strategy is in force is shut out, and loses the role with role-strategy',
  async run(scene) {
    const { stage, prefix } = scene;
    const id = `${prefix}leaving-meanwhile`;
    const had = await equip(scene, id);
    const { service, people } = await crew(scene, [id, `${prefix}ben`]);
    const back = await stage.rig.anotherStrategy();
    scene.afterwards(back);
    await eventually(async () => (await service.engine.plan({})).document.controllers[0]!.unread, true);
    const certificate = () => service.engine.leaver(id, { now: false }, () => {});
    await deactivate(service.okta, people[0]!);
    const took = await eventually(async () => (await certificate()).controllers[0]?.missing, ['remove-entries']);
    assert.equal((await certificate()).complete, false);
    await assertShutOut(scene, had);
    await back();
    await eventually(async () => (await certificate()).complete, true);
    assert.deepEqual(await entries(stage, roleOf(scene)), held([`${prefix}ben`]));
    return `shut out after ${took} ms`;
  },
};

export const departedAgain: Case = {
  name: 'service: who comes back and leaves again loses what they got since',
  async run(scene) {
    const { stage, prefix } = scene;
    const { rig } = stage;
    const id = `${prefix}returning`;
    scene.afterwards(() => rig.forget(id));
    await rig.account(id, `${prefix}first-password`);
    const service = await startService(scene, policyOf(scene));
    const { people } = await pushTeam(service.okta, `${prefix}devs`, [id, `${prefix}ben`]);
    const took: number[] = [];
    for (let departure = 0; departure < 2; departure++) {
      await eventually(() => entries(stage, roleOf(scene)), held([id, `${prefix}ben`]));
      const token = await rig.token(id);
      assert.equal(await whoIs(stage, { user: id, secret: token }), id);
      await deactivate(service.okta, people[0]!);
      took.push(await eventually(() => whoIs(stage, { user: id, secret: token }), '401'));
      await eventually(() => entries(stage, roleOf(scene)), held([`${prefix}ben`]));
      await eventually(async () => (await service.engine.leaver(id, { now: false }, () => {})).complete, true);
      await reactivate(service.okta, people[0]!);
    }
    return `shut out after ${took[0]} ms, and again after ${took[1]} ms`;
  },
};

export const interrupted: Case = {
  name: 'service: a restart of the controller amid pushes loses nothing',
  restarts: true,
  async run(scene) {
    const { stage, prefix } = scene;
    const names = [`${prefix}ana`, `${prefix}ben`, `${prefix}cleo`];
    const { service, group, people } = await crew(scene, names);
    await stage.rig.restart();
    await takeOut(service.okta, group, people[0]!);
    await takeOut(service.okta, group, people[1]!);
    await putIn(service.okta, group, people[0]!);
    const read = () => entries(stage, roleOf(scene)).catch((error: unknown) => [String(error)]);
    const took = await eventually(read, held([names[0]!, names[2]!]), 240_000);
    return `converged after ${Math.round(took / 100) / 10} s`;
  },
};
