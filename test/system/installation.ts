import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { type Practice, startPractice } from '../../src/practice/controller.ts';
import { root } from '../house/sources.ts';
import { POLICY, SERVICE } from '../sync/world.ts';

/** What a command left behind. */
export interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
  /** stdout as JSON. @throws SyntaxError */
  json<T = Record<string, unknown>>(): T;
}

export interface Served {
  readonly listen: string;
  readonly scim: string;
  readonly log: () => string;
  readonly process: ChildProcess;
  /** Sends a signal and waits for the end; the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** A folder with configuration and policy, a practice controller, and the product as its users start it: as processes. */
export async function installation(
  t: Pick<TestContext, 'after'>,
  options: { mode?: string; more?: string; policy?: string } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-system-'));
  const running = new Map<ChildProcess, Promise<unknown>>();
  const undo: (() => Promise<void>)[] = [];
  // One hook: the runner stops at the first that fails, and a process must not outlive its folder.
  t.after(async () => {
    for (const child of running.keys()) child.kill('SIGKILL');
    await Promise.all(running.values());
    for (const step of undo) await step();
    rmSync(folder, { recursive: true, force: true });
  });
  const token = `11${'c'.repeat(32)}`;
  const practice: Practice = await startPractice({
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    user: SERVICE,
    token,
    users: [{ id: 'admin', password: 'pw', administrator: true }],
    speed: 20,
  });
  undo.push(() => practice.close());
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 });
  write('policy.yaml', options.policy ?? POLICY);
  write('token', `${token}\n`);
  write(
    'jenkins-scim.yaml',
    `server: { listen: 127.0.0.1:0 }
connections:
  okta: { profile: okta }
controllers:
  ci:
    url: ${practice.url}
    user: ${SERVICE}
    apiToken: { file: ./token }
    mode: ${options.mode ?? 'enforce'}
    breakGlass: admin
${options.more ?? ''}`,
  );
  const start = (words: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess => {
    const child = spawn(
      process.execPath,
      [join(root, 'bin', 'jenkins-scim.js'), '--config', join(folder, 'jenkins-scim.yaml'), ...words],
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder, env: { ...process.env, ...environment } },
    );
    // A runner that gives up on the whole file ends this process without the hooks of its tests.
    const atExit = (): void => void child.kill('SIGKILL');
    process.once('exit', atExit);
    const ended = new Promise((resolve) => child.once('close', resolve));
    running.set(child, ended);
    void ended.then(() => {
      running.delete(child);
      process.off('exit', atExit);
    });
    return child;
  };

  const run = (...words: readonly string[]): Promise<Ran> => runWith({}, ...words);

  async function runWith(environment: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Ran> {
    const child = start(words, environment);
    let out = '';
    let err = '';
    child.stdout!.on('data', (chunk) => {
      out += String(chunk);
    });
    child.stderr!.on('data', (chunk) => {
      err += String(chunk);
    });
    const exit = await new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    return { exit, out, err, json: <T>() => JSON.parse(out) as T };
  }

  async function serve(): Promise<Served> {
    const child = start(['serve']);
    let log = '';
    child.stderr!.on('data', (chunk) => {
      log += String(chunk);
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    let text = '';
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout!.on('data', (chunk) => {
        text += String(chunk);
        if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
      });
      void ended.then((code) => reject(new Error(`serve ended with ${code}\n${log}`)));
    });
    const { listen, scim } = JSON.parse(line) as { listen: string; scim: string };
    return {
      listen,
      scim,
      log: () => log,
      process: child,
      async end(signal) {
        child.kill(signal);
        return ended;
      },
    };
  }

  const bearer = (await run('--json', 'token', 'create', '--connection', 'okta')).json<{ token: string; id: string }>();
  return {
    folder,
    practice,
    start,
    run,
    /** The same with more variables of the environment. */
    runWith,
    serve,
    token: bearer,
    write,
    read: (name: string): string => readFileSync(join(folder, name), 'utf8'),
    /** A SCIM client at a running service. */
    at: (scim: string, secret = bearer.token) => client(scim, secret),
    holders: (role: string) => practice.look.holders(role),
  };
}

function client(scim: string, token: string) {
  const send = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${scim}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  };
  const U = 'urn:ietf:params:scim:schemas:core:2.0:User';
  const G = 'urn:ietf:params:scim:schemas:core:2.0:Group';
  const P = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
  return {
    send,
    async user(userName: string): Promise<string> {
      return String((await send('POST', '/Users', { schemas: [U], userName, active: true })).body.id);
    },
    async group(displayName: string, members: readonly string[] = []): Promise<string> {
      const body = { schemas: [G], displayName, members: members.map((value) => ({ value })) };
      return String((await send('POST', '/Groups', body)).body.id);
    },
    patch: (path: string, ...Operations: readonly unknown[]) => send('PATCH', path, { schemas: [P], Operations }),
  };
}
