import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { SILENT } from '../../src/access/ports/log.ts';
import { modules } from '../../src/cli/compose.ts';
import type { Profile } from '../../src/config/connection.ts';
import { loadConfig } from '../../src/config/load.ts';

/** The product as `serve` runs it, on a free port of the loopback, with a connection of its own for everybody who asks. */
export interface ConformanceService {
  /** Ends in /scim/v2, without a slash. */
  readonly url: string;
  /** A bearer token of the connection. */
  token(connection: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts it over an empty database in a folder that goes with it. */
export async function startConformanceService(
  connections: Readonly<Record<string, Profile>>,
): Promise<ConformanceService> {
  const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-conformance-'));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 });
  write('policy.yaml', 'version: 1\nroles: {}\nrules: []\n');
  write(
    'jenkins-scim.yaml',
    stringify({
      server: { listen: '127.0.0.1:0' },
      connections: Object.fromEntries(Object.entries(connections).map(([name, profile]) => [name, { profile }])),
    }),
  );
  const engine = await modules.engine(loadConfig(join(folder, 'jenkins-scim.yaml'), {}), SILENT, { migrate: true });
  const running = await engine.serve();
  return {
    url: `${running.listen}/scim/v2`,
    token: async (connection) => (await engine.tokens.create({ kind: 'scim', connection })).token,
    async close() {
      await running.stop();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
