import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { installation } from './installation.ts';

test('a service ends with its test, however the test ends, and before its folder goes', async () => {
  const hooks: (() => unknown)[] = [];
  const here = await installation({ after: (hook?: unknown) => hooks.push(hook as () => unknown) });
  try {
    const { process: service } = await here.serve();
    // The runner calls them in this order and stops at the first that fails.
    await hooks.shift()!();
    assert.equal(service.signalCode, 'SIGKILL');
    assert.equal(existsSync(here.folder), false);
  } finally {
    for (const hook of hooks) await hook();
  }
});
