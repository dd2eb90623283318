import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Absent } from './absent.ts';
import type { Check, Suite } from './check.ts';
import { run, tail } from './run.ts';

const SOURCES = join(import.meta.dirname, 'java');
const CACHE = join(import.meta.dirname, '..', '..', '.cache', 'conformance');
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';

/** The SCIM 2 SDK of UnboundID (Ping Identity) as our client. */
export const unboundId: Suite = client('UnboundID scim2-sdk-client 5.0.0', 'UnboundId');

/** SCIM-SDK of Captain-P-Goldfish as our client. */
export const captainGoldfish: Suite = client('Captain-P-Goldfish scim-sdk-client 1.30.0', 'CaptainGoldfish');

function client(name: string, main: string): Suite {
  return {
    name,
    profile: 'rfc',
    async run(url, token) {
      const classpath = await classes();
      const words = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', classpath, main, url];
      const ended = await run('java', words, { env: { SCIM_TOKEN: token } });
      const checks = ended.out.split('\n').flatMap(checkOf);
      const whole = checks.length > 0 && (ended.status === 0 || checks.some(({ outcome }) => outcome === 'failed'));
      if (!whole) throw new Error(`${main} ended with ${ended.status}\n${tail(ended.error)}`);
      return checks;
    },
  };
}

/** `ok NAME`, `skip NAME: WHY`, `fail NAME: WHY`. */
function checkOf(line: string): Check[] {
  const [, word, text] = /^(ok|skip|fail) (.+)$/.exec(line) ?? [];
  if (word === undefined || text === undefined) return [];
  if (word === 'ok') return [{ name: text, outcome: 'passed', reason: '' }];
  return [{ name: text, outcome: word === 'skip' ? 'skipped' : 'failed', reason: text }];
}

let prepared: Promise<string> | undefined;

/** Fetches the pinned libraries and compiles the programs, once per text of theirs. @throws Absent */
function classes(): Promise<string> {
  prepared ??= prepare();
  return prepared;
}

async function prepare(): Promise<string> {
  for (const tool of ['java', 'javac'])
    if ((await run(tool, ['-version'])).status !== 0) throw new Absent(`no ${tool} is found (JDK 17 or later)`);
  const libraries = await fetched();
  const classpath = globSync(join(libraries, '*.jar')).sort().join(delimiter);
  const files = globSync(join(SOURCES, '*.java')).sort();
  const folder = join(CACHE, `classes-${digest(files)}`);
  if (!existsSync(join(folder, 'complete'))) {
    mkdirSync(folder, { recursive: true });
    const compiled = await run('javac', ['-nowarn', '-encoding', 'UTF-8', '-d', folder, '-cp', classpath, ...files]);
    if (compiled.status !== 0) throw new Error(`the Java clients do not compile:\n${tail(compiled.error, 40)}`);
    writeFileSync(join(folder, 'complete'), '');
  }
  return [folder, classpath].join(delimiter);
}

async function fetched(): Promise<string> {
  const pom = join(SOURCES, 'pom.xml');
  const folder = join(CACHE, `java-${digest([pom])}`);
  if (existsSync(join(folder, 'complete'))) return folder;
  if ((await run('mvn', ['-version'])).status !== 0) throw new Absent('no mvn is found to fetch the Java clients with');
  rmSync(folder, { recursive: true, force: true });
  const done = await run('mvn', ['-q', '-B', '-f', pom, COPY, `-DoutputDirectory=${folder}`]);
  if (done.status !== 0) throw new Absent(`Maven could not fetch the Java clients: ${tail(done.out + done.error, 2)}`);
  writeFileSync(join(folder, 'complete'), '');
  return folder;
}

function digest(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}
