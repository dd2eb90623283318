import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { exportEnd } from '../../src/ledger/exported.ts';
import { type SignedHead, signedHead } from '../../src/ledger/head.ts';
import type { LedgerRecord } from '../../src/ledger/ledger.ts';
import { exportLedger } from '../../src/ledger/reading.ts';
import { verifyExport } from '../../src/ledger/verifyExport.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { openTestStore } from '../store/open.ts';

const COUNT = 6;
const random = seededRandom();
const keys = parseKeyFile(newKeyFile(random.bytes));
const auditor = { heads: { publicKey: keys.heads.publicKey } };

async function exported(t: TestContext): Promise<readonly string[]> {
  const lines: string[] = [];
  const store = await openTestStore(t);
  const ledger = createLedger({ store, keys, clock: new SimulatedTime(), random });
  for (let n = 1; n <= COUNT; n += 1)
    await store.write((tx) =>
      ledger.record(tx, {
        ...{ kind: 'grant.added', request: `r${n}`, actor: 'sync', subject: { kind: 'user', id: `u${n}` } },
        ...{ body: { controller: 'ci', role: 'item:pay' }, personal: { jenkinsId: `ana${n}` } },
      }),
    );
  await ledger.seal();
  const last = await exportLedger(ledger, (text) => void lines.push(text));
  return [...lines, JSON.stringify(exportEnd(keys, last!))];
}

const recordOf = (lines: readonly string[], at: number) => JSON.parse(lines[at - 1]!) as LedgerRecord;
const headAt = (lines: readonly string[], at: number): SignedHead => signedHead(keys.heads, recordOf(lines, at));
const edited = (lines: readonly string[], at: number, edit: Record<string, unknown>): readonly string[] =>
  lines.with(at - 1, JSON.stringify({ ...recordOf(lines, at), ...edit }));

test('whoever has the public key alone finds each record of an export that was changed, moved, taken out or cut off', async (t) => {
  const lines = await exported(t);
  assert.deepEqual(verifyExport(auditor, lines), { records: COUNT, anchors: 0, newer: 0 });
  const wrong: readonly (readonly [readonly string[], number])[] = [
    [edited(lines, 3, { body: { controller: 'ci', role: 'item:web' } }), 3],
    [edited(lines, 3, { actor: 'operator:eve' }), 3],
    [edited(lines, 3, { at: '2030-01-01T00:00:00.000Z' }), 3],
    [edited(lines, 3, { digests: {} }), 3],
    [edited(lines, 3, { proof: 'f'.repeat(64) }), 3],
    [lines.toSpliced(1, 1), 2],
    [lines.with(1, lines[2]!).with(2, lines[1]!), 2],
    [lines.slice(0, 4), 5],
    [lines.slice(0, -1), COUNT + 1],
    [[...lines.slice(0, 2), lines.at(-1)!], 3],
  ];
  for (const [export_, seq] of wrong)
    assert.throws(() => verifyExport(auditor, export_), { code: 'LED_EXPORT', message: new RegExp(`^Record ${seq} `) });
});

test('the public key proves neither names nor seals: the keys of the service find what it cannot', async (t) => {
  const lines = await exported(t);
  for (const edit of [{ personal: { jenkinsId: 'mallory' } }, { mac: 'f'.repeat(64) }]) {
    assert.equal(verifyExport(auditor, edited(lines, 3, edit)).records, COUNT);
    assert.throws(() => verifyExport(keys, edited(lines, 3, edit)), { code: 'LED_EXPORT' });
  }
});

test('an end that another key signed is refused', async (t) => {
  const lines = await exported(t);
  const { publicKey } = parseKeyFile(newKeyFile(random.bytes)).heads;
  assert.throws(() => verifyExport({ heads: { publicKey } }, lines), {
    code: 'LED_EXPORT',
    message: /signature of its end/,
  });
});

test('heads that were kept elsewhere are in the chain of an export, but for those signed after its end', async (t) => {
  const lines = await exported(t);
  const later = signedHead(keys.heads, { seq: 9, hash: 'a'.repeat(64), at: '2030-01-01T00:00:00.000Z' });
  const anchors = [headAt(lines, 2), headAt(lines, 5), later];
  for (const proof of [auditor, keys])
    assert.deepEqual(verifyExport(proof, lines, anchors), { records: COUNT, anchors: 2, newer: 1 });
});

test('a history that whoever has all keys wrote anew is found by one head of before', async (t) => {
  const before = headAt(await exported(t), 4);
  const other = await exported(t);
  assert.equal(verifyExport(keys, other).records, COUNT);
  assert.throws(() => verifyExport(auditor, other, [before]), {
    code: 'LED_EXPORT',
    message: /^Record 4 .*a signed head names another hash/,
  });
});

test('heads that nobody signed, or that contradict each other, are no proof', async (t) => {
  const lines = await exported(t);
  const head = headAt(lines, 2);
  assert.throws(() => verifyExport(auditor, lines, [{ ...head, hash: 'b'.repeat(64) }]), {
    code: 'LED_BROKEN',
    message: /record 2: the signature of a head does not fit/,
  });
  const other = signedHead(keys.heads, { ...head, hash: 'c'.repeat(64) });
  assert.throws(() => verifyExport(auditor, lines, [head, other]), { code: 'LED_BROKEN', message: /two signed heads/ });
});
