import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { anchor } from '../../src/doctor/check.ts';
import { CODES } from '../../src/doctor/diagnose.ts';
import { CATALOGUE } from '../../src/errors.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import { root, type Source, sources } from '../house/sources.ts';

const pages = sources('{docs/**/*.md,*.md}');

/** Headings of a page as the anchors they get. */
function anchors(page: Source): string[] {
  return [...page.text.matchAll(/^#+ +(.+)$/gm)].map((match) => anchor(match[1]!.replace(/[`*]/g, '')));
}

test('every error code is documented, and every documented code exists', () => {
  const text = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  const documented = [...text.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]);
  assert.deepEqual(documented.sort(), Object.keys(CATALOGUE).sort());
});

test('every code of the doctor is a heading, and every such heading is a code', () => {
  const text = readFileSync(join(root, 'docs/doctor.md'), 'utf8');
  const headings = [...text.matchAll(/^### (.+)$/gm)].map((match) => match[1]);
  assert.deepEqual(headings.sort(), Object.keys(CODES).sort());
});

test('every link between pages resolves, anchors included', () => {
  const broken = pages.flatMap((page) =>
    [...page.text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match) => {
      const [path = '', hash] = match[1]!.split('#');
      if (/^[a-z]+:/.test(path)) return [];
      const target = path === '' ? page.path : join(dirname(page.path), path);
      if (!existsSync(join(root, target))) return [`${page.path}: ${match[1]}`];
      const found =
        hash === undefined || anchors({ path: target, text: readFileSync(join(root, target), 'utf8') }).includes(hash);
      return found ? [] : [`${page.path}: ${match[1]}`];
    }),
  );
  assert.deepEqual(broken, []);
});

test('every page that the sources point to exists with its anchor', () => {
  const wrong = sources('src/**/*.ts').flatMap((source) =>
    [...source.text.matchAll(/docs\/[a-z0-9/-]+\.md(?:#[a-z0-9-]+)?/g)].flatMap(([link]) => {
      const [path = '', hash] = link.split('#');
      if (!existsSync(join(root, path))) return [`${source.path}: ${link}`];
      const known =
        hash === undefined || anchors({ path, text: readFileSync(join(root, path), 'utf8') }).includes(hash);
      return known ? [] : [`${source.path}: ${link}`];
    }),
  );
  assert.deepEqual(wrong, []);
});

test('schemas and the errors page are as the sources say', () => {
  const run = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'scripts/schemas.ts', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(run.status, 0, run.stderr);
});

test('every example of a configuration or a policy in the pages is one', () => {
  const wrong = pages.flatMap((page) =>
    [...page.text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].flatMap(([, text = '']) =>
      problemsOf(text).map((problem) => `${page.path}: ${problem}`),
    ),
  );
  assert.deepEqual(wrong, []);
});

/** A part of a configuration is completed, and so is one of a policy; parts that are neither are passed over. */
function problemsOf(text: string): readonly string[] {
  const example = parse(text) as Record<string, unknown>;
  const keys = Object.keys(example);
  if (keys.some((key) => ['roles', 'rules', 'never', 'captures'].includes(key)))
    return parsePolicy([{ path: 'policy.yaml', text: stringify({ version: 1, ...example }) }])
      .findings.filter(({ level }) => level === 'error')
      .map(({ finding }) => finding);
  if (!keys.some((key) => ['server', 'connections', 'controllers', 'extensions', 'guard'].includes(key))) return [];
  const whole = stringify({ connections: { okta: { profile: 'okta' } }, controllers: {}, ...example });
  const environment = { DATABASE_URL: 'postgres://service@db.example.com/it?sslmode=verify-full' };
  return parseConfig(whole, { file: 'x.yaml', folder: '/etc/scim', environment }).problems.map(
    ({ message }) => message,
  );
}
