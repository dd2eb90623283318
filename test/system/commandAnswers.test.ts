import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openParts } from '../../src/cli/product/parts.ts';
import { parseConfig } from '../../src/config/load.ts';
import { keepingLog, type Line } from '../server/world.ts';
import { temporaryFolder } from '../store/open.ts';
import { POLICY } from '../sync/world.ts';

test('a command tells of a write that failed by its answer alone, the service by its log as well', async (t) => {
  for (const operator of ['operator:ana', undefined]) {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'policy.yaml'), POLICY, { mode: 0o600 });
    const text = 'connections: { okta: { profile: okta } }\n';
    const { config } = parseConfig(text, { file: 'x.yaml', folder, environment: {} });
    const lines: Line[] = [];
    const parts = await openParts(config!, keepingLog(lines), { migrate: true, ...(operator && { operator }) });
    t.after(() => parts.close());
    rmSync(config!.database.replace('sqlite:', ''));
    await assert.rejects(parts.context.policy.current(), /^ScimError: .*database/);
    assert.deepEqual(
      lines.map(({ message }) => message),
      operator === undefined ? ['a commit failed'] : [],
    );
  }
});
