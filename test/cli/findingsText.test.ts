import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../src/access/finding.ts';
import { findingsText } from '../../src/cli/print/findings.ts';

const finding = (code: string, subject: string, level: Finding['level'] = 'error'): Finding => ({
  ...{ code, level, subject, finding: `It is ${subject}.`, remedy: 'Mend it.', docs: 'docs/x.md' },
});

const heads = (findings: readonly Finding[]) =>
  findingsText(findings, 'nothing')
    .split('\n')
    .filter((line) => /^(ERROR|WARN|INFO)/.test(line));

test('of hundreds of findings of one code the first ten are shown, and how many there are more; the others all', () => {
  const many = Array.from({ length: 294 }, (_, at) => finding('policy.instance', `team-${at}`));
  const shown = heads([finding('controller.tls', 'ci'), ...many, finding('plan.held', 'ci', 'warning')]);
  assert.deepEqual(shown.slice(0, 2), ['ERROR controller.tls  ci', 'ERROR policy.instance  team-0']);
  assert.deepEqual(shown.slice(-2), ['ERROR policy.instance  and 284 more; --json has all', 'WARN  plan.held  ci']);
  assert.equal(shown.length, 13);
  assert.match(findingsText(many, ''), /294 error\(s\), 0 warning\(s\)/);
  assert.equal(heads(many.slice(0, 10)).length, 10);
  assert.ok(heads(many.slice(0, 10)).every((line) => !line.includes('more')));
});

test('findings of a code stand together, and each level by itself', () => {
  const told = heads([finding('a', '1'), finding('b', '2'), finding('a', '3'), finding('a', '4', 'warning')]);
  assert.deepEqual(told, ['ERROR a  1', 'ERROR a  3', 'ERROR b  2', 'WARN  a  4']);
});
