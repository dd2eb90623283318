import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { type PostgresServer, SERVER_VARIABLE, startPostgres } from '../test/postgres/server.ts';

// `npm test [folder …]` runs the suites of those folders under test/, or all. Suites that speak of PostgreSQL share one server.
const folders = process.argv.slice(2);
const patterns = folders.length === 0 ? ['test/**/*.test.ts'] : folders.map((folder) => `test/${folder}/**/*.test.ts`);
const files = patterns.flatMap((pattern) => globSync(pattern)).sort();
if (files.length === 0) {
  process.stderr.write(`No tests match ${patterns.join(', ')}.\n`);
  process.exit(1);
}
const server = files.some((file) => /postgres/i.test(readFileSync(file, 'utf8'))) ? await sharedServer() : undefined;
// Properties look for new cases each time, unless PROPERTY_SEED says which.
const execArgv = (process.env.PROPERTY_SEED ?? '') === '' ? [] : ['--import', './test/propertySeed.ts'];
const stream = run({ files, concurrency: availableParallelism(), timeout: 400_000, execArgv });
stream.on('test:fail', () => {
  process.exitCode = 1;
});
stream.on('end', () => void server?.stop());
stream.compose(spec).pipe(process.stdout);

/** One server for the whole run; undefined where there is one already, or where each suite may say why there is none. */
async function sharedServer(): Promise<PostgresServer | undefined> {
  if ((process.env[SERVER_VARIABLE] ?? '') !== '') return undefined;
  try {
    const started = await startPostgres();
    process.env[SERVER_VARIABLE] = started.url;
    process.once('SIGINT', () => void started.stop().finally(() => process.exit(130)));
    return started;
  } catch (error) {
    process.stderr.write(`PostgreSQL cannot be started: ${String(error)}\n`);
    return undefined;
  }
}
