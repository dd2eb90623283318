import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

// `npm test [folder …]` runs the suites of those folders under test/, or all.
const folders = process.argv.slice(2);
const patterns = folders.length === 0 ? ['test/**/*.test.ts'] : folders.map((folder) => `test/${folder}/**/*.test.ts`);
const files = patterns.flatMap((pattern) => globSync(pattern)).sort();
if (files.length === 0) {
  process.stderr.write(`No tests match ${patterns.join(', ')}.\n`);
  process.exit(1);
}
const stream = run({ files, concurrency: availableParallelism(), timeout: 120_000 });
stream.on('test:fail', () => {
  process.exitCode = 1;
});
stream.compose(spec).pipe(process.stdout);
