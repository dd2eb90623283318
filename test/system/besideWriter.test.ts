import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { child } from '../store/child.ts';
import { installation } from './installation.ts';

test('beside a service that holds the file in one long write, a command that looks goes on and one that writes waits', async (t) => {
  const here = await installation(t);
  assert.equal((await here.run('sync')).exit, 0);
  const holder = child(t, 'lockHolder.ts', join(here.folder, 'data', 'jenkins-scim.db'));
  await holder.said(1);
  const plan = await here.run('plan');
  assert.equal(plan.exit, 0, plan.err);
  const sync = here.run('sync');
  await sleep(7_000);
  assert.equal(await Promise.race([sync.then(({ err }) => err), Promise.resolve('waits')]), 'waits');
  holder.process.stdin!.end();
  const { exit, err } = await sync;
  assert.equal(exit, 0, err);
});
