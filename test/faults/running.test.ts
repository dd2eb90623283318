import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ERROR, U } from '../server/scim/world.ts';
import { eventually } from '../sync/world.ts';
import { installation } from '../system/installation.ts';

const MB = 1024 ** 2;
const PATIENCE = 60_000;

/** Whether a command works here; what cannot be tried is skipped by name. */
function works(command: string, ...words: readonly string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A running service with one person in a group, effective on the controller; what it answers over HTTP. */
async function served(t: TestContext, more: string) {
  const here = await installation(t, { more });
  const service = await here.serve();
  const okta = here.at(service.scim);
  const ana = await okta.user('ana');
  const group = await okta.group('ci-pay-dev', [ana]);
  await eventually(() => here.holders('pay-developer').includes('ana'), 'effective', PATIENCE);
  const headers = { authorization: `Bearer ${here.token.token}`, 'content-type': 'application/scim+json' };
  const create = (userName: string): Promise<Response> =>
    fetch(`${service.scim}/Users`, {
      ...{ method: 'POST', headers },
      body: JSON.stringify({ schemas: [U], userName, active: true }),
    });
  return {
    ...{ here, service, okta, ana, group, create },
    ready: async () => (await fetch(`${service.listen}/readyz`)).status,
    deactivate: (id: string) => okta.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false }),
    names: async (): Promise<string[]> => {
      const { body } = await okta.send('GET', '/Users?count=1000&attributes=userName');
      return (body.Resources as { userName: string }[]).map(({ userName }) => userName).toSorted();
    },
    told: (message: string) => service.log().split(`"${message}"`).length - 1,
  };
}

/** A service that takes no writes answers as it has to, and harms nobody on the controller. */
async function refuses(world: Awaited<ReturnType<typeof served>>, name: string): Promise<void> {
  const answer = await world.create(name);
  const body = (await answer.json()) as Record<string, unknown>;
  assert.equal(answer.status, 503, JSON.stringify(body));
  assert.ok(Number(answer.headers.get('retry-after')) > 0);
  assert.deepEqual([body.schemas, body.status], [[ERROR], '503']);
  await eventually(async () => (await world.ready()) === 503, 'readyz turns', PATIENCE);
  assert.deepEqual(world.here.holders('pay-developer'), ['ana']);
}

/** It goes on without a restart; everybody who was acknowledged is there, the ledger holds, the controller follows. */
async function recovers(world: Awaited<ReturnType<typeof served>>, acknowledged: readonly string[]): Promise<void> {
  const { here, okta, group } = world;
  await eventually(async () => (await world.ready()) === 200, 'readyz comes back', PATIENCE);
  const zoe = await okta.user('zoe');
  assert.equal(
    (await okta.patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: zoe }] })).status,
    204,
  );
  await eventually(() => here.holders('pay-developer').includes('zoe'), 'effective again', PATIENCE);
  assert.deepEqual(await world.names(), ['ana', ...acknowledged, 'zoe'].toSorted());
  const verified = await here.run('ledger', 'verify');
  assert.equal(verified.exit, 0, verified.err);
  assert.equal(world.service.process.exitCode, null);
}

test('a running service whose files cannot be written: 503, and it goes on by itself when they can', {
  skip: works('prlimit', '--version') ? false : 'there is no prlimit here',
}, async (t) => {
  const world = await served(t, 'disk: { reserve: 0% }');
  const limit = (bytes: string) =>
    execFileSync('prlimit', ['--pid', String(world.service.process.pid), `--fsize=${bytes}:`]);
  const acknowledged: string[] = [];
  const refused: string[] = [];
  let next = 0;
  let stop = false;
  const client = async (): Promise<void> => {
    while (!stop) {
      const name = `dev${next++}`;
      const { status } = await world.create(name);
      assert.ok(status === 201 || status === 503, `${name}: ${status}`);
      (status === 201 ? acknowledged : refused).push(name);
    }
  };
  const load = Array.from({ length: 4 }, client);
  for (let round = 0; round < 3; round++) {
    const known = acknowledged.length;
    await eventually(() => acknowledged.length > known + 5, 'writes go well', PATIENCE);
    limit('0');
    const before = refused.length;
    await eventually(() => refused.length > before + 5, 'writes are refused', PATIENCE);
    if (round < 2) limit('unlimited');
  }
  stop = true;
  await Promise.all(load);
  await refuses(world, 'nobody');
  limit('unlimited');
  await recovers(world, acknowledged);
  assert.ok(world.told('a commit failed') <= 5, 'the log is not flooded');
});

/** Writes to a file until the disk takes nothing any more. */
function fill(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (;;) writeSync(file, Buffer.alloc(4096));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  } finally {
    closeSync(file);
  }
}

const mounts = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-mount-'));
  const mounted = works('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder);
  if (mounted) works('umount', folder);
  rmSync(folder, { recursive: true });
  return mounted;
})();

test('a disk that fills up: the last tenth is for leavers, then 503, and it goes on by itself when there is room', {
  skip: mounts ? false : 'a small disk cannot be mounted here; test/faults/matrix.test.ts has the page limit instead',
}, async (t) => {
  const disk = mkdtempSync(join(tmpdir(), 'jenkins-scim-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m,mode=0700', 'tmpfs', disk]);
  t.after(() => {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  const world = await served(t, `database: sqlite:${join(disk, 'x.db')}`);
  const free = (): number => Number(execFileSync('df', ['--output=avail', '-B1', disk]).toString().split('\n')[1]);
  const filler = join(disk, 'filler');
  const leave = (bytes: number): void => {
    rmSync(filler, { force: true });
    writeFileSync(filler, Buffer.alloc(Math.max(0, free() - bytes)));
  };
  const leavers = Array.from({ length: 40 }, (_, index) => `leaver${index}`);
  const ids = await Promise.all(leavers.map((name) => world.okta.user(name)));

  leave(3 * MB);
  let title = 0;
  const retitled = async (): Promise<number> =>
    (await world.okta.patch(`/Users/${world.ana}`, { op: 'replace', path: 'title', value: `t${title++}` })).status;
  await eventually(async () => (await retitled()) === 507, 'the reserve is kept', PATIENCE);
  assert.equal((await world.create('early')).status, 507);
  assert.equal((await world.deactivate(ids.pop()!)).status, 200);
  assert.equal(await world.ready(), 200);

  fill(filler);
  // What was set aside in the log before is used up first.
  await eventually(async () => (await world.deactivate(ids.pop()!)).status === 503, 'the disk is full', PATIENCE);
  await eventually(async () => (await world.ready()) === 503, 'readyz turns', PATIENCE);
  assert.deepEqual(world.here.holders('pay-developer'), ['ana']);

  rmSync(filler);
  await recovers(world, leavers);
  assert.equal((await world.deactivate(ids.pop()!)).status, 200);
});
