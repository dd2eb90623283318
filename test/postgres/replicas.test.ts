import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { provider } from '../../src/cli/demo/scim.ts';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { startPractice } from '../../src/practice/controller.ts';
import { GROUP, USER } from '../../src/scim/urns.ts';
import { temporaryFolder } from '../store/open.ts';
import { POLICY, SERVICE } from '../sync/world.ts';
import { administer, postgresMissing, temporaryDatabase } from './database.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const skip = postgresMissing ?? false;

interface Replica {
  readonly process: ChildProcess;
  readonly scim: string;
  readonly listen: string;
}

/** Several services of one configuration over one database and the practice controller. */
async function fleet(t: TestContext, more: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder(t);
  const url = await temporaryDatabase(t);
  const database = new URL(url).pathname.slice(1);
  const token = `11${'a'.repeat(32)}`;
  const practice = await startPractice({
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    user: SERVICE,
    token,
    users: [{ id: 'admin', password: 'pw', administrator: true }],
    speed: 20,
  });
  t.after(() => practice.close());
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 });
  write('token', `${token}\n`);
  write('policy.yaml', POLICY);
  write(
    'jenkins-scim.yaml',
    stringify({
      server: { listen: '127.0.0.1:0' },
      database: { env: 'DATABASE_URL' },
      connections: { okta: { profile: 'okta' } },
      controllers: {
        ci: { url: practice.url, user: SERVICE, apiToken: { file: './token' }, mode: 'enforce', breakGlass: 'admin' },
      },
    }),
  );
  // The same but for the token, as where only one replica got the new one.
  write('other.yaml', readFileSync(join(folder, 'jenkins-scim.yaml'), 'utf8').replace('./token', './other-token'));
  write('other-token', `11${'b'.repeat(32)}\n`);
  const environment = { ...process.env, DATABASE_URL: url, ...more };
  const words = (args: readonly string[], config = 'jenkins-scim.yaml'): string[] => [
    '--disable-warning=ExperimentalWarning',
    MAIN,
    ...args,
    '--config',
    join(folder, config),
  ];
  async function start(words: readonly string[]): Promise<Replica> {
    const child = spawn(process.execPath, words, { env: environment, stdio: ['ignore', 'pipe', 'ignore'] });
    t.after(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { process: child, ...(JSON.parse(line) as { scim: string; listen: string }) };
  }
  return {
    practice,
    rows: async (sql: string) => (await administer(database, sql))[0]!.rows,
    async command(...args: string[]): Promise<string> {
      const { stdout } = await promisify(execFile)(process.execPath, words(args), { env: environment });
      return stdout;
    },
    replica: (...args: string[]): Promise<Replica> => start(words(['serve', ...args])),
    replicaWithAnotherToken: (): Promise<Replica> => start(words(['serve'], 'other.yaml')),
  };
}

/** What an identity provider does to the SCIM endpoint of a replica. */
function idp(scim: string, token: string) {
  const okta = provider('okta', scim, token, systemClock);
  const create = async (path: string, body: unknown): Promise<string> => {
    const answer = await okta.send('POST', path, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return String(answer.body.id);
  };
  return {
    okta,
    user: (userName: string) => create('/Users', { schemas: [USER], userName, active: true }),
    group: (displayName: string, members: readonly string[]) =>
      create('/Groups', { schemas: [GROUP], displayName, members: members.map((value) => ({ value })) }),
  };
}

async function eventually(holds: () => boolean | Promise<boolean>, what: string, patience = 60_000): Promise<void> {
  for (let left = patience; left > 0; left -= 50) {
    if (await holds()) return;
    await systemTimers.sleep(50);
  }
  throw new Error(`did not happen within ${patience} ms: ${what}`);
}

test('postgres: a replica that is killed while it writes to a controller is taken over without harm', {
  skip,
}, async (t) => {
  const { command, practice, replica, rows } = await fleet(t);
  const front = await replica('--only', 'scim');
  const workers = await Promise.all([replica('--only', 'sync'), replica('--only', 'sync')]);
  const made = JSON.parse(await command('token', 'create', '--connection', 'okta', '--json')) as { token: string };
  const okta = idp(front.scim, made.token);
  const teams = Array.from({ length: 8 }, (_, n) => `team${String.fromCharCode(97 + n)}`);
  const held = (team: string): boolean => practice.look.holders(`${team}-developer`).length === 2;

  const push = async (team: string): Promise<void> => {
    const members = [await okta.user(`${team}1`), await okta.user(`${team}2`)];
    await okta.group(`ci-${team}-dev`, members);
  };
  const pushing = (async () => {
    for (const team of teams) await push(team);
  })();
  await eventually(() => teams.some(held), 'something was written');
  const [before] = await rows(`SELECT holder, fence FROM leases WHERE controller = 'ci'`);
  const holder = workers.find((one) => before.holder.split('/')[1] === String(one.process.pid));
  assert.ok(holder, 'a worker holds the lease, the front does not');
  const dead = once(holder.process, 'close');
  holder.process.kill('SIGKILL');
  await dead;
  await pushing;

  await eventually(() => teams.every(held), 'the other worker finished it');
  const [after] = await rows(`SELECT holder, fence FROM leases WHERE controller = 'ci'`);
  const other = workers.find((one) => one !== holder)!;
  assert.equal(after.holder.split('/')[1], String(other.process.pid));
  assert.ok(Number(after.fence) > Number(before.fence), 'the fence is higher');
  await eventually(
    async () => (await rows(`SELECT 1 FROM intents WHERE state IN ('open', 'unknown')`)).length === 0,
    'no intent is left open',
  );
  assert.match(await command('ledger', 'verify'), /record/);
});

test('postgres: what another replica hands out reaches the controller, whoever holds its lease', {
  skip,
}, async (t) => {
  // Nothing else makes the holder look for a minute.
  const { command, practice, replica, rows } = await fleet(t, {
    JENKINS_SCIM__SYNC__FINGERPRINTEVERY: '1d',
    JENKINS_SCIM__SYNC__FULLEVERY: '1d',
  });
  const holder = await replica();
  const isHolder = async () =>
    (await rows(`SELECT holder FROM leases WHERE controller = 'ci'`))[0]?.holder.includes(`/${holder.process.pid}/`);
  await eventually(isHolder, 'the first replica holds the lease');
  const other = await replica();
  const made = JSON.parse(await command('token', 'create', '--connection', 'okta', '--json')) as { token: string };
  const okta = idp(other.scim, made.token);
  for (const team of ['one', 'two', 'three']) {
    await okta.group(`ci-${team}-dev`, [await okta.user(team)]);
    await eventually(() => practice.look.holders(`${team}-developer`).includes(team), `${team} is effective`, 25_000);
  }
  assert.ok(await isHolder());
});

test('postgres: an idle replica that only answers requests keeps its database from being copied until it has ended', {
  skip,
}, async (t) => {
  const { command, replica, rows } = await fleet(t);
  const front = await replica('--only', 'scim');
  const there = async () => (await rows(`SELECT holder FROM leases WHERE controller LIKE 'serve:%'`)).length === 1;
  await eventually(there, 'it is noted');
  const target = `sqlite:${join(temporaryFolder(t), 'copy.db')}`;
  await assert.rejects(command('db', 'copy', target), (error: { stderr: string }) => {
    assert.match(error.stderr, /STORE_IN_USE/);
    assert.match(error.stderr, new RegExp(`process ${front.process.pid} on .* serves from it`));
    return true;
  });
  const ended = once(front.process, 'close');
  front.process.kill('SIGTERM');
  await ended;
  assert.ok(!(await there()));
  assert.match(await command('db', 'copy', target), /Copied \d+ rows/);
});

test('postgres: a write through one replica is read through another at once', { skip }, async (t) => {
  const { command, replica } = await fleet(t);
  const [one, two] = await Promise.all([replica('--only', 'scim'), replica('--only', 'scim,sync')]);
  const made = JSON.parse(await command('token', 'create', '--connection', 'okta', '--json')) as { token: string };
  for (let n = 0; n < 10; n++) {
    const [from, to] = n % 2 === 0 ? [one, two] : [two, one];
    const id = await idp(from!.scim, made.token).user(`ana${n}`);
    const read = await idp(to!.scim, made.token).okta.send('GET', `/Users/${id}`);
    assert.equal(read.status, 200);
  }
});

test('postgres: a replica without scim answers health and no SCIM', { skip }, async (t) => {
  const { command, replica } = await fleet(t);
  const worker = await replica('--only', 'sync');
  assert.equal((await fetch(`${worker.listen}/readyz`)).status, 200);
  const made = JSON.parse(await command('token', 'create', '--connection', 'okta', '--json')) as { token: string };
  assert.equal((await idp(worker.scim, made.token).okta.send('GET', '/Users')).status, 404);
});

test('postgres: a replica whose token a controller refuses gives way to one that has the right one', {
  skip,
}, async (t) => {
  const { command, practice, replica, replicaWithAnotherToken, rows } = await fleet(t);
  const wrong = await replicaWithAnotherToken();
  const holder = async () =>
    (await rows(`SELECT holder FROM leases WHERE controller = 'ci'`))[0]?.holder.split('/')[1] ?? '';
  await eventually(async () => (await holder()) === String(wrong.process.pid), 'the wrong one holds the lease');
  const right = await replica();
  const made = JSON.parse(await command('token', 'create', '--connection', 'okta', '--json')) as { token: string };
  const okta = idp(wrong.scim, made.token);
  await okta.group('ci-one-dev', [await okta.user('ana')]);
  await eventually(() => practice.look.holders('one-developer').includes('ana'), 'ana can work');
  assert.equal(await holder(), String(right.process.pid));
});
