import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { unpackPostgres } from './binaries.ts';

const run = promisify(execFile);

/** Where the suites find the server of the run; set by `scripts/test.ts`, or by hand for a server of one's own. */
export const SERVER_VARIABLE = 'JENKINS_SCIM_TEST_POSTGRES';

/** The server refuses to run as root. */
export const NOBODY = 65_534;

const ROOT = process.getuid?.() === 0;
const AS = ROOT ? { uid: NOBODY, gid: NOBODY } : {};

type Settings = Readonly<Record<string, string | number>>;

export interface PostgresServer {
  /** Of the database `postgres`, as its superuser. */
  readonly url: string;
  /** Stops at once, as a crash would, and starts again on the same port. */
  restart(): Promise<void>;
  /** Ends as a crash would and stays away. @returns what starts it again */
  crash(): Promise<() => Promise<void>>;
  /** Nothing of it runs, nothing is closed: as when its machine is gone. @returns what makes it go on */
  freeze(): Promise<() => void>;
  /**
   * Stops, is copied as it is, goes on, and streams to the copy from then on. Where something stands between, `primary` leads through it.
   * The copy ends with this server.
   */
  standby(primary?: string): Promise<PostgresServer>;
  stop(): Promise<void>;
  /** The same as the last thing a process does. */
  drop(): void;
}

/** A server of its own on loopback, fsync on unless told otherwise, in a folder that goes with it. @throws Error where it cannot start */
export async function startPostgres(more: Settings = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-postgres-'));
  try {
    chmodSync(folder, 0o755);
    await unpackPostgres(folder);
    const data = join(folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    if (ROOT) chownSync(data, NOBODY, NOBODY);
    const options = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    await run(join(folder, 'native/bin/initdb'), options, { ...AS, cwd: data });
    return await over(folder, data, more);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The server over a data directory, which goes with the folder of its programs. */
async function over(folder: string, data: string, more: Settings): Promise<PostgresServer> {
  const port = await freePort();
  const start = (): Promise<ChildProcess> =>
    serve(join(folder, 'native/bin/postgres'), data, { port, max_connections: 200, ...more }, AS);
  let server = await start();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.ref();
    const ended = once(server, 'close');
    server.kill(signal);
    await ended;
  };
  const standbys: PostgresServer[] = [];
  return {
    url,
    async restart() {
      await end('SIGQUIT');
      server = await start();
    },
    async crash() {
      await end('SIGQUIT');
      return async () => {
        server = await start();
      };
    },
    async freeze() {
      const pids = [server.pid!, ...(await backends(port))];
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      return () => {
        for (const pid of pids.toReversed()) process.kill(pid, 'SIGCONT');
      };
    },
    async standby(primary) {
      await end('SIGINT');
      const copy = join(folder, `standby${standbys.length}`);
      await run('cp', ['-a', data, copy]);
      server = await start();
      const { hostname, port: at } = new URL(primary ?? url);
      writeFileSync(join(copy, 'standby.signal'), '');
      const standby = await over(folder, copy, {
        ...more,
        primary_conninfo: `host=${hostname} port=${at} user=postgres application_name=standby`,
        wal_retrieve_retry_interval: '100ms',
      });
      standbys.push(standby);
      return standby;
    },
    async stop() {
      for (const standby of standbys) await standby.stop();
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
    drop() {
      server.kill('SIGQUIT');
      // Nothing can be awaited any more, and the server needs a moment to leave its folder.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function serve(
  program: string,
  data: string,
  own: Settings & { readonly port: number },
  as: object,
): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'on',
    synchronous_commit: 'on',
    shared_buffers: '64MB',
    log_min_messages: 'fatal',
    ...own,
  };
  const server = spawn(
    program,
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...as, cwd: data, stdio: 'ignore' },
  );
  server.unref();
  const until = Date.now() + 30_000;
  while (!(await answers(own.port))) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`);
    if (Date.now() > until) throw new Error('postgres does not answer');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return server;
}

/** Processes of the server but the first. */
async function backends(port: number): Promise<number[]> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  await client.connect();
  const { rows } = await client.query('SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
  await client.end();
  return rows.map(({ pid }) => Number(pid));
}

async function answers(port: number): Promise<boolean> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
