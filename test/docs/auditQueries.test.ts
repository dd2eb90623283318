import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../store/open.ts';

const page = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');
const skip = spawnSync('jq', ['--version']).status === 0 ? false : 'there is no jq here';

type Change = readonly [kind: string, person: string, jenkinsId: string | undefined, role?: string];

/** The answer of the example that holds `part`, over a ledger of these records. */
function answer(folder: string, part: string, changes: readonly Change[]): string[] {
  const records = changes.map(([kind, id, jenkinsId, role], n) => ({
    ...{ seq: n + 1, at: `2026-01-01T00:00:${String(n).padStart(2, '0')}.000Z`, kind, subject: { kind: 'user', id } },
    body: { controller: 'ci', ...(role === undefined ? {} : { role }) },
    ...(jenkinsId === undefined ? {} : { personal: { jenkinsId } }),
  }));
  writeFileSync(join(folder, 'ledger.ndjson'), records.map((record) => JSON.stringify(record)).join('\n'));
  const example = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].find(([, text]) => text!.includes(part))![1]!;
  const text = execFileSync('sh', ['-c', example], { cwd: folder, encoding: 'utf8' });
  return text.split('\n').filter((line) => line !== '');
}

/** Holders of the example, without since when. */
const holders = (folder: string, changes: readonly Change[]): string[] =>
  answer(folder, 'jq -rs', changes).map((line) => line.split('\t').slice(1, 3).join(' '));

test('who held what: people whose names were erased are told apart by their ids', { skip }, (t) => {
  const folder = temporaryFolder(t);
  const both: readonly Change[] = [
    ['grant.added', 'p1', undefined, 'item:pay'],
    ['grant.added', 'p2', undefined, 'item:pay'],
  ];
  assert.deepEqual(holders(folder, both), ['p1 item:pay', 'p2 item:pay']);
  assert.deepEqual(holders(folder, [...both, ['leaver.complete', 'p1', undefined]]), ['p2 item:pay']);
  assert.deepEqual(holders(folder, [...both, ['grant.removed', 'p2', 'bo', 'item:pay']]), ['p1 item:pay']);
  assert.deepEqual(holders(folder, [...both, ['leaver.complete', 'p2', 'bo']]), ['p1 item:pay']);
});

test('who held what: an entry that was adopted is held as one that was given', { skip }, (t) => {
  const folder = temporaryFolder(t);
  const adopted: readonly Change[] = [['grant.adopted', 'p1', 'ana', 'item:pay']];
  assert.deepEqual(holders(folder, adopted), ['ana item:pay']);
  assert.deepEqual(holders(folder, [...adopted, ['grant.removed', 'p1', 'ana', 'item:pay']]), []);
});

test('who held what: a rename keeps what the new id has, a leaver nothing', { skip }, (t) => {
  const folder = temporaryFolder(t);
  const renamed: readonly Change[] = [
    ['grant.added', 'p1', 'ana', 'item:pay'],
    ['grant.added', 'p1', 'anna', 'item:pay'],
    ['old-id.complete', 'p1', 'ana'],
  ];
  assert.deepEqual(holders(folder, renamed), ['anna item:pay']);
  assert.deepEqual(holders(folder, [...renamed, ['leaver.complete', 'p1', 'anna']]), []);
});

test('who had a name: all people who had it, one after another', { skip }, (t) => {
  const changes: readonly Change[] = [
    ['grant.added', 'p2', 'ana@corp.test', 'item:pay'],
    ['grant.added', 'p1', 'ana@corp.test', 'item:pay'],
    ['grant.added', 'p3', 'bo@corp.test', 'item:pay'],
  ];
  assert.deepEqual(answer(temporaryFolder(t), '--arg n ana@corp.test', changes), ['p1', 'p2']);
});
