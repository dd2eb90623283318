import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemTimers } from '../../src/cli/edge.ts';

/** A key pair of this run, and the connections that were opened with it. Undefined where the machine has no OpenSSH. */
export interface Keyring {
  readonly publicKey: string;
  /** Opens a connection that stays; resolves when it stands. False where it cannot be opened. */
  connect(host: string, port: number, user: string): Promise<boolean>;
  close(): void;
}

export function openKeyring(): Keyring | undefined {
  if (spawnSync('ssh', ['-V']).error !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-e2e-'));
  const key = join(folder, 'key');
  const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
  const connections: ChildProcess[] = [];
  return {
    publicKey: readFileSync(`${key}.pub`, 'utf8').trim(),
    async connect(host, port, user) {
      const socket = join(folder, `s${connections.length}`);
      const options = [
        'StrictHostKeyChecking=no',
        'UserKnownHostsFile=/dev/null',
        'BatchMode=yes',
        'ConnectTimeout=10',
      ];
      const child = spawn(
        'ssh',
        [
          '-N',
          '-M',
          '-S',
          socket,
          '-F',
          'none',
          '-i',
          key,
          ...options.flatMap((one) => ['-o', one]),
          '-p',
          String(port),
          '-l',
          user,
          host,
        ],
        { stdio: 'ignore' },
      );
      connections.push(child);
      for (let waited = 0; waited < 10_000 && child.exitCode === null; waited += 100) {
        if (existsSync(socket)) return true;
        await systemTimers.sleep(100);
      }
      return false;
    },
    close() {
      for (const child of connections) child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
