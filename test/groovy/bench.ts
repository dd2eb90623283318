import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const cache = join(root, '.cache', 'groovy');
const sources = join(root, 'test', 'groovy', 'stand-ins');

// The Groovy that Jenkins ships, of the line every core since 2.x has.
const GROOVY = 'org.codehaus.groovy:groovy-all:2.4.21';
const JAR = join(cache, 'groovy-all-2.4.21.jar');
const JAR_SHA256 = 'de65260cf2070442e99882f2f3d72e7531725c1e6a257446cc0cea525c607bd0';
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy';

/** Real Groovy 2.4.21 over stand-ins of the classes that the scripts call, behind Jenkins' two URLs. */
export interface Bench {
  /** Ends with a slash. */
  readonly url: string;
  readonly groovy: string;
  /** Runs Groovy as an administrator would, to put a controller together or to look into it; gives what it printed. */
  groovyRun(script: string): Promise<string>;
  close(): Promise<void>;
}

/** What the bench is made of, or one line that says what is not there. */
export function prepareBench(): { readonly classpath: string } | { readonly absent: string } {
  for (const tool of ['java', 'javac']) if (!runs(tool, ['-version'])) return { absent: `no ${tool} is found` };
  mkdirSync(cache, { recursive: true });
  if (!existsSync(JAR)) {
    if (!runs('mvn', ['-version'])) return { absent: 'no mvn is found to fetch Groovy 2.4.21 with' };
    const folder = mkdtempSync(join(cache, 'fetch-'));
    const fetched = runs('mvn', ['-q', '-B', COPY, `-Dartifact=${GROOVY}`, `-DoutputDirectory=${folder}`]);
    if (fetched) renameSync(join(folder, 'groovy-all-2.4.21.jar'), JAR);
    rmSync(folder, { recursive: true, force: true });
    if (!fetched) return { absent: 'Maven could not fetch Groovy 2.4.21' };
  }
  const jar = createHash('sha256').update(readFileSync(JAR)).digest('hex');
  if (jar !== JAR_SHA256) throw new Error(`${JAR} has the SHA-256 ${jar} instead of ${JAR_SHA256}`);
  return { classpath: [compile(), JAR].join(delimiter) };
}

/** Compiles the stand-ins once per text of theirs. */
function compile(): string {
  const files = globSync('**/*.java', { cwd: sources }).sort();
  const text = createHash('sha256');
  for (const file of files) text.update(file).update(readFileSync(join(sources, file)));
  const classes = join(cache, `classes-${text.digest('hex').slice(0, 16)}`);
  if (existsSync(classes)) return classes;
  const folder = mkdtempSync(join(cache, 'classes-'));
  const paths = files.map((file) => join(sources, file));
  const done = spawnSync('javac', ['-nowarn', '-encoding', 'UTF-8', '-d', folder, '-cp', JAR, ...paths], {
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`the stand-ins do not compile:\n${done.stderr}`);
  try {
    renameSync(folder, classes);
  } catch (error) {
    // Another run was faster with the same text.
    rmSync(folder, { recursive: true, force: true });
    if (!existsSync(classes)) throw error;
  }
  return classes;
}

/** Starts the bench on a free port of the loopback. */
export async function startBench(classpath: string): Promise<Bench> {
  const child = spawn(
    'java',
    // As the manifest of jenkins.war opens it.
    [
      ...['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      ...['--add-opens', 'java.base/java.lang=ALL-UNNAMED'],
      ...['-cp', classpath, 'bench.Bench'],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [, port, groovy] = (await firstLine(child)).split(' ');
  const url = `http://127.0.0.1:${port}/`;
  return {
    url,
    groovy: groovy!,
    async groovyRun(script) {
      const answer = await fetch(`${url}scriptText`, { method: 'POST', body: new URLSearchParams({ script }) });
      const text = await answer.text();
      if (/^\tat /m.test(text)) throw new Error(text);
      return text.trimEnd();
    },
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.stdin?.end();
      }),
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the bench ended with ${code}`)));
    createInterface({ input: child.stdout! }).once('line', resolve);
  });
}

function runs(command: string, parameters: readonly string[]): boolean {
  return spawnSync(command, parameters, { stdio: 'ignore', timeout: 60_000 }).status === 0;
}
