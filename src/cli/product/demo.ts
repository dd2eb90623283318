import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SILENT } from '../../access/ports/log.ts';
import { loadConfig } from '../../config/load.ts';
import { refuse } from '../../errors.ts';
import { type Practice, startPractice } from '../../practice/controller.ts';
import { DEMO_POLICY, DEMO_ROLES, demoConfiguration } from '../demo/files.ts';
import { provider } from '../demo/scim.ts';
import type { World } from '../demo/world.ts';
import { systemClock, systemRandom, systemTimers } from '../edge.ts';
import type { Modules } from '../modules.ts';
import { removeTraces } from './demoTraces.ts';
import { createEngine } from './engine.ts';
import { openParts, type Parts } from './parts.ts';

type Real = Parameters<Modules['demo']>[0];

const SERVICE = 'jenkins-scim';

/** A service with its own folder and ephemeral ports, over the practice controller, or a real one that is only observed. */
export async function openDemo(real: Real): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-demo-'));
  const undo: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of undo.toReversed()) await step();
  };
  try {
    const practice = real === undefined ? await practise(folder) : undefined;
    if (practice !== undefined) undo.push(() => practice.close());
    const path = join(folder, 'jenkins-scim.yaml');
    const controller = {
      name: real === undefined ? 'practice' : 'jenkins',
      url: real?.url ?? practice!.url,
      user: real?.user ?? SERVICE,
      tokenFile: real === undefined ? './token' : resolve(real.tokenFile),
      mode: real === undefined || real.yes ? ('enforce' as const) : ('observe' as const),
      protect: ['admin'],
    };
    writeFileSync(path, demoConfiguration(controller), { mode: 0o600 });
    writeFileSync(join(folder, 'policy.yaml'), DEMO_POLICY, { mode: 0o600 });
    const parts = await openParts(loadConfig(path, {}), SILENT, { migrate: true });
    const engine = createEngine(parts);
    undo.push(() => engine.close());
    if (real !== undefined) await present(parts, controller.name);
    const left: string[] = [];
    if (real?.yes === true)
      undo.push(async () => {
        left.push(...(await removeTraces(parts, controller.name)));
      });
    const running = await engine.serve();
    undo.push(() => running.stop());
    const scim = `${running.listen}/scim/v2`;
    const okta = await engine.tokens.create({ kind: 'scim', connection: 'okta' });
    const entra = await engine.tokens.create({ kind: 'scim', connection: 'entra' });
    return {
      engine,
      scim,
      jenkins: controller.url,
      config: path,
      providers: {
        okta: provider('okta', scim, okta.token, systemClock),
        entra: provider('entra', scim, entra.token, systemClock),
      },
      ...(practice === undefined ? looking(parts, controller.name) : playing(practice)),
      writes: controller.mode === 'enforce',
      async close() {
        await close();
        return left;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Looks before the story begins whether the controller answers to us, and whether a role that somebody else made is in its way: into
 * such a one nobody comes. @throws ScimError JEN_*, CFG_SECRET, ROLE_TAKEN
 */
async function present({ context, config }: Parts, name: string): Promise<void> {
  const { user } = config.controllers[0]!;
  const controller = context.controller(name);
  if ((await controller.whoAmI()).anonymous) throw refuse('JEN_CREDENTIAL', { controller: name, user });
  const { roles } = await controller.observe();
  const taken = roles.flatMap(({ type, name: role }) => (type === 'item' && DEMO_ROLES.includes(role) ? [role] : []));
  if (taken.length > 0) throw refuse('ROLE_TAKEN', { controller: name, roles: taken.join(', ') });
}

async function practise(folder: string): Promise<Practice> {
  const token = `11${Buffer.from(systemRandom.bytes(16)).toString('hex')}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'token'), `${token}\n`, { mode: 0o600 });
  const items = ['pay', 'web', 'data', 'ops'].map((name) => ({ fullName: name, displayName: name }));
  return startPractice({
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    user: SERVICE,
    token,
    users: [{ id: 'admin', password: 'not-used-here', administrator: true }],
    items,
  });
}

type Eyes = Pick<World, 'holders' | 'person' | 'byHand'>;

function playing({ look, hands }: Practice): Eyes {
  return {
    holders: async (role) => look.holders(role),
    person: async (id) => look.person(id),
    byHand: {
      grant: async (role, id) => hands.grant(role, id),
      equip: async (id) => {
        hands.mintToken(id, 'ci');
        hands.addSshKey(id);
        hands.openSshSession(id);
        hands.openSession(id);
      },
    },
  };
}

/** A real controller is looked at over its own API. */
function looking({ context }: Parts, name: string): Eyes {
  const controller = context.controller(name);
  return {
    async holders(role) {
      const { roles } = await controller.observe();
      return roles.filter(({ name }) => name === role).flatMap(({ entries }) => entries.map(({ id }) => id));
    },
    async person(id) {
      const [state] = await controller.people([id]);
      if (state === undefined) throw refuse('USER_UNKNOWN', { user: id });
      return { entries: state.entries.length, tokens: state.tokens.length, sshKeys: state.sshKeys };
    },
  };
}
