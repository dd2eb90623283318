import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { SILENT } from '../src/access/ports/log.ts';
import { modules } from '../src/cli/compose.ts';
import { type Provider, provider } from '../src/cli/demo/scim.ts';
import { systemClock } from '../src/cli/edge.ts';
import type { Engine } from '../src/cli/engine.ts';
import { loadConfig } from '../src/config/load.ts';
import type { Scene } from './case.ts';
import { send } from './roles.ts';

/** The whole product in a folder of its own: database, SCIM over HTTP, reconciler; it enforces. */
export interface Service {
  readonly engine: Engine;
  /** An identity provider that pushes to it over HTTP. */
  readonly okta: Provider;
  /** One of the other connection, which is not the primary one. */
  entra(): Promise<Provider>;
  /** Somebody else with a token of their own. */
  another(connection: string): Promise<Provider & { readonly credential: string }>;
  /** Another policy from now on. */
  policy(text: string): void;
}

/** Starts the service for a case; it ends afterwards, and the roles it made go with it. */
export async function startService(scene: Scene, policy: string): Promise<Service> {
  const { stage } = scene;
  const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-e2e-'));
  scene.afterwards(() => rmSync(folder, { recursive: true, force: true }));
  scene.afterwards(() => removeRoles(scene));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 });
  write('token', `${stage.token}\n`);
  write('policy.yaml', policy);
  write('jenkins-scim.yaml', configuration(stage.url, stage.user));
  const engine = await modules.engine(loadConfig(join(folder, 'jenkins-scim.yaml'), {}), SILENT, { migrate: true });
  scene.afterwards(() => engine.close());
  const running = await engine.serve();
  scene.afterwards(() => running.stop());
  const connect = async (connection: string): Promise<Provider & { readonly credential: string }> => {
    const { token, id } = await engine.tokens.create({ kind: 'scim', connection });
    return { ...provider(connection, `${running.listen}/scim/v2`, token, systemClock), credential: id };
  };
  return {
    engine,
    okta: await connect('okta'),
    entra: () => connect('entra'),
    another: connect,
    policy: (text) => write('policy.yaml', text),
  };
}

function configuration(url: string, user: string): string {
  return stringify({
    server: { listen: '127.0.0.1:0' },
    database: 'sqlite:./jenkins-scim.db',
    policy: './policy.yaml',
    keys: './keys',
    connections: { okta: { profile: 'okta' }, entra: { profile: 'entra' } },
    controllers: {
      e2e: {
        url,
        user,
        apiToken: { file: './token' },
        mode: 'enforce',
        breakGlass: 'admin',
        protect: { users: ['admin'] },
      },
    },
    sync: { fingerprintEvery: '1s' },
  });
}

/** Roles with the prefix of the run. */
async function removeRoles(scene: Scene): Promise<void> {
  const { roles } = await scene.stage.controller.observe();
  const ours = roles.filter(({ name }) => name.startsWith(scene.prefix));
  if (ours.length === 0) return;
  await send(
    scene,
    ours.map(({ type, name }) => ({ op: 'delete-role', role: { type, name } })),
  );
}
