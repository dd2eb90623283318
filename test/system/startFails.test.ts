import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { openParts } from '../../src/cli/product/parts.ts';
import { serve } from '../../src/cli/product/serve.ts';
import { parseConfig } from '../../src/config/load.ts';
import { refuse } from '../../src/errors.ts';
import { temporaryFolder } from '../store/open.ts';
import { POLICY } from '../sync/world.ts';

test('a start that the database ends, wherever that is, leaves nothing that listens: the process ends and can be started again', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'policy.yaml'), POLICY, { mode: 0o600 });
  const port = await freePort();
  const text = `server: { listen: 127.0.0.1:${port} }\nconnections: { okta: { profile: okta } }\n`;
  const { config } = parseConfig(text, { file: 'x.yaml', folder, environment: {} });
  const parts = await openParts(config!, SILENT, { migrate: true });
  t.after(() => parts.close());
  let started = 0;
  let ended = 0;
  for (let good = 0; started === 0; good++) {
    let left = good;
    // What runs beside the start (the sealer, the watches) reads, too: only what the start waits for can end it.
    const read: typeof parts.store.read = (work, options) =>
      left-- > 0
        ? parts.store.read(work, options)
        : Promise.reject(refuse('STORE_FAILED', { reason: 'the server is shutting down' }));
    try {
      const running = await serve({ ...parts, store: { ...parts.store, read } });
      started += 1;
      await running.stop();
    } catch (error) {
      assert.match(String(error), /shutting down/);
      ended += 1;
    }
    const probe = createServer().listen(port, '127.0.0.1');
    await once(probe, 'listening');
    probe.close();
    await once(probe, 'close');
  }
  assert.ok(ended > 0, 'a start waits for what it reads');
});

test('a database that is away while the policy is looked for is no policy that has to be mended', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'policy.yaml'), POLICY, { mode: 0o600 });
  const text = 'server: { listen: 127.0.0.1:0 }\nconnections: { okta: { profile: okta } }\n';
  const { config } = parseConfig(text, { file: 'x.yaml', folder, environment: {} });
  const told: string[] = [];
  const log = { ...SILENT, error: (message: string) => void told.push(message) };
  const parts = await openParts(config!, log, { migrate: true });
  t.after(() => parts.close());
  const away = Promise.reject(refuse('STORE_UNREACHABLE', { reason: 'the server does not answer' }));
  away.catch(() => {});
  const policy = { ...parts.context.policy, current: () => away };
  await (await serve({ ...parts, context: { ...parts.context, policy } }, ['scim'])).stop();
  assert.deepEqual(told, []);
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
