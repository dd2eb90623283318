// Runs every script for Jenkins under the Groovy that Jenkins ships. `npm run groovy`; in CI a missing Java is a failure.
import { spawnSync } from 'node:child_process';
import { prepareBench } from '../test/groovy/bench.ts';

const prepared = prepareBench();
if ('absent' in prepared) {
  process.stdout.write(`The Groovy scripts were not run: ${prepared.absent}.\n`);
  process.exit(process.env.CI === 'true' ? 1 : 0);
}
const tests = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'scripts/test.ts', 'groovy'], {
  stdio: 'inherit',
});
process.exit(tests.status ?? 1);
