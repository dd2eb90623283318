import assert from 'node:assert/strict';
import { type Case, NotTried, type Scene } from '../case.ts';
import { eventually } from '../eventually.ts';
import { speak } from '../http.ts';
import { deactivate, pushTeam } from '../pushed.ts';
import { make } from '../roles.ts';
import { startService } from '../service.ts';
import { ALL_STEPS } from './leaver.ts';

const READ = 'hudson.model.Item.Read';
const BUILD = 'hudson.model.Item.Build';

export const builds: Case = {
  name: 'residue: builds of a leaver, running and waiting, are told and go on',
  async run(scene) {
    const { controller } = scene.stage;
    const id = `${scene.prefix}builder`;
    await twoBuilds(scene, id);
    const { results } = await controller.cut(scene.fence(), [{ id, steps: ALL_STEPS, entries: 'all' }]);
    const { runningBuilds, queuedBuilds, tokens } = results[0]!.after;
    assert.deepEqual({ runningBuilds, queuedBuilds, tokens }, { runningBuilds: 1, queuedBuilds: 1, tokens: [] });
    const [later] = await controller.people([id]);
    assert.equal(later!.runningBuilds, 1);
    return undefined;
  },
};

export const credentials: Case = {
  name: "residue: credentials in a leaver's own store are told, and stay",
  async run(scene) {
    const { controller, rig } = scene.stage;
    const id = `${scene.prefix}keeper`;
    scene.afterwards(() => rig.forget(id));
    await rig.account(id, `${scene.prefix}first-password`);
    if (!(await rig.credential(id))) throw new NotTried('the credentials plugin is not there');
    const { results } = await controller.cut(scene.fence(), [{ id, steps: ALL_STEPS, entries: 'all' }]);
    assert.equal(results[0]!.after.credentials, 1);
    return undefined;
  },
};

export const triggers: Case = {
  name: 'residue: a job that its own token starts is told; the token is enough without Job/Build',
  async run(scene) {
    const { stage, prefix } = scene;
    const name = `${prefix}triggered`;
    const token = `${prefix}of-the-job`;
    await jobOf(scene, name, token);
    const id = `${prefix}reader`;
    const secret = await allowed(scene, id, name, [READ]);
    assert.equal(await build(scene, name, id, secret), 403);
    const path = `job/${encodeURIComponent(name)}/build?delay=0sec&token=`;
    const byToken = (shown: string) => speak(new URL(path + shown, stage.url), { user: id, secret });
    assert.equal((await byToken('wrong')).status, 403);
    assert.equal((await byToken(token)).status, 201);
    const { remoteTriggers } = await stage.controller.cut(scene.fence(), [{ id, steps: ALL_STEPS, entries: 'all' }]);
    assert.ok(
      remoteTriggers!.jobs.includes(name) || remoteTriggers!.count > remoteTriggers!.jobs.length,
      JSON.stringify(remoteTriggers),
    );
    assert.doesNotMatch(JSON.stringify(remoteTriggers), /of-the-job/);
    return `${remoteTriggers!.count} such job(s) on this controller`;
  },
};

export const certifiedResidue: Case = {
  name: 'service: what cannot be removed is residual on a certificate that is complete',
  async run(scene) {
    const { stage, prefix } = scene;
    const id = `${prefix}residue`;
    const name = await twoBuilds(scene, id, `${prefix}of-the-job`);
    const stored = await stage.rig.credential(id);
    const service = await startService(scene, policyOf(scene));
    const { people } = await pushTeam(service.okta, `${prefix}devs`, [id, `${prefix}ben`]);
    await deactivate(service.okta, people[0]!);
    const certificate = () => service.engine.leaver(id, { now: false }, () => {});
    await eventually(async () => {
      const { complete, controllers } = await certificate();
      return complete && controllers.length === 1;
    }, true);
    const [controller] = (await certificate()).controllers;
    const told = controller?.residual ?? [];
    const expected = ['1 running build(s)', '1 build(s) waiting in the queue'];
    for (const line of stored ? [...expected, '1 credential(s) of the user'] : expected)
      assert.ok(told.includes(line), `${line} is not among ${JSON.stringify(told)}`);
    const trigger = `remote build trigger of job ${name}, for whoever knows its token`;
    assert.ok(told.includes(trigger) || told.some((line) => /more remote build triggers$/.test(line)), told.join('; '));
    assert.deepEqual(controller?.missing, []);
    return `${stored ? '' : 'NOT TRIED: credentials, whose plugin is not there; '}${told.length} lines`;
  },
};

function policyOf({ prefix }: Scene): string {
  return JSON.stringify({
    version: 1,
    roles: { developer: { scope: { folder: 'pay' }, name: `${prefix}developer`, permissions: ['Job/Read'] } },
    rules: [{ id: 'developers', group: `${prefix}devs`, grant: 'developer' }],
  });
}

/** Two builds that the person started with a token of their own: one runs, one waits for it. Gives the job's name. */
async function twoBuilds(scene: Scene, id: string, remoteToken?: string): Promise<string> {
  const name = `${id}-job`;
  await jobOf(scene, name, remoteToken);
  const secret = await allowed(scene, id, name, [READ, BUILD]);
  const count = async () => {
    const [state] = await scene.stage.controller.people([id]);
    return [state!.runningBuilds, state!.queuedBuilds];
  };
  assert.equal(await build(scene, name, id, secret), 201);
  await eventually(count, [1, 0]);
  assert.equal(await build(scene, name, id, secret), 201);
  await eventually(count, [1, 1]);
  return name;
}

async function jobOf({ stage, afterwards }: Scene, name: string, remoteToken?: string): Promise<void> {
  afterwards(() => stage.rig.dropJob(name));
  if (!(await stage.rig.job(name, remoteToken))) throw new NotTried('no executor is online, nothing can be built');
}

/** An account with these permissions on the job; gives a token of it. */
async function allowed(scene: Scene, id: string, job: string, permissions: readonly string[]): Promise<string> {
  const { stage } = scene;
  scene.afterwards(() => stage.rig.forget(id));
  await stage.rig.account(id, `${scene.prefix}first-password`);
  const read = ['hudson.model.Hudson.Read'];
  await make(scene, { type: 'global', name: `${id}-in`, pattern: '.*', permissions: read }, [id]);
  await make(scene, { type: 'item', name: `${id}-on`, pattern: `\\Q${job}\\E`, permissions }, [id]);
  return stage.rig.token(id);
}

/** The status of an order to build. */
async function build({ stage }: Scene, job: string, user: string, secret: string): Promise<number> {
  const url = new URL(`job/${encodeURIComponent(job)}/build?delay=0sec`, stage.url);
  return (await speak(url, { method: 'POST', user, secret })).status;
}
