import { systemRandom } from '../../src/cli/edge.ts';
import { openDriver } from '../driver.ts';
import { speak } from '../http.ts';
import type { Stage } from '../stage.ts';
import { openCommands } from './cli.ts';
import { MAKE, runGroovy } from './groovy.ts';
import { type Keyring, openKeyring } from './ssh.ts';

const SOME_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFi8S0Zlo2E9wQQue728UK1tPB6WuVt4l/eIdpK0aaaa e2e';

/** A real controller whose account may administer; the rig speaks to the controller's own classes through the script console. */
export async function realStage(url: string, user: string, token: string, lineage: string): Promise<Stage> {
  const base = url.endsWith('/') ? url : `${url}/`;
  const controller = openDriver(base, user, token, lineage);
  const make = (what: keyof typeof MAKE, parameters: unknown): Promise<string> =>
    runGroovy({ url: base, user, token }, MAKE[what], parameters);
  const commands = openCommands(base, () => systemRandom.id());
  const port = Number(await make('sshPort', {}));
  const keyring: Keyring | undefined = port > 0 ? openKeyring() : undefined;
  return {
    name: base,
    url: base,
    user,
    token,
    controller,
    rig: {
      account: async (id, password) => void (await make('account', { id, password })),
      token: (id) => make('token', { id }),
      legacyToken: (id) => make('legacyToken', { id }),
      sshKey: async (id) => void (await make('sshKey', { id, key: keyring?.publicKey ?? SOME_KEY })),
      sshSession: async (id) => (await keyring?.connect(new URL(base).hostname, port, id)) ?? false,
      cliCommand: (id, secret, job) => commands.run(id, secret, ['create-job', job]),
      forget: async (id) => void (await make('forget', { id })),
      job: async (name, remoteToken) => (await make('job', { name, remoteToken: remoteToken ?? null })) === 'made',
      dropJob: async (name) => void (await make('dropJob', { name })),
      credential: async (id) => (await make('credential', { id })) === 'added',
      async anotherStrategy() {
        await make('anotherStrategy', {});
        return async () => void (await make('strategyBack', {}));
      },
      async restart() {
        const { status } = await speak(new URL('restart', base), { method: 'POST', user, secret: token });
        if (status !== 302 && status !== 503) throw new Error(`POST /restart answered ${status}`);
      },
    },
    async close() {
      keyring?.close();
      commands.close();
      await controller.close();
    },
  };
}
