import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { anchor } from '../../src/doctor/check.ts';
import { CODES } from '../../src/doctor/diagnose.ts';
import { CATALOGUE } from '../../src/errors.ts';
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

test('every example in the pages is a command that exists', () => {
  const known =
    /jenkins-scim (init|serve|plan|apply|quarantine|adopt|disown|sync|pause|resume|explain|doctor|token|controller|policy|leaver|ghosts|older|ledger|db|demo)\b/;
  const unknown = pages.flatMap((page) =>
    [...page.text.matchAll(/^npx jenkins-scim .*$/gm)].map(([line]) => line).filter((line) => !known.test(line)),
  );
  assert.deepEqual(unknown, []);
});
