import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { exportEnd } from '../../src/ledger/exported.ts';
import { exportLedger } from '../../src/ledger/reading.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { openTestStore, temporaryFolder } from '../store/open.ts';
import { run } from './fake.ts';

const PROVEN = '2 record(s), unbroken and up to the end of the export';

/** What an auditor is given: an export, the public key and a log; neither a configuration nor keys. */
async function given(t: TestContext) {
  const folder = temporaryFolder(t);
  const at = (name: string): string => join(folder, name);
  const random = seededRandom();
  const keys = parseKeyFile(newKeyFile(random.bytes));
  const store = await openTestStore(t);
  const ledger = createLedger({ store, keys, clock: new SimulatedTime(), random });
  for (const id of ['a', 'b'])
    await store.write((tx) =>
      ledger.record(tx, { kind: 'grant.added', actor: 'sync', subject: { kind: 'user', id }, body: { role: 'pay' } }),
    );
  await ledger.seal();
  const lines: string[] = [];
  const last = await exportLedger(ledger, (text) => void lines.push(text));
  const end = exportEnd(keys, last!);
  writeFileSync(at('ledger.ndjson'), [...lines, JSON.stringify(end)].join('\n'));
  writeFileSync(at('service.log'), `{"msg":"listening"}\n${JSON.stringify({ ...end, msg: 'ledger head' })}\n`);
  writeFileSync(at('heads.pem'), keys.heads.publicKey.export({ type: 'spki', format: 'pem' }));
  const verify = (...words: string[]) =>
    run(['--config', at('nowhere.yaml'), 'ledger', 'verify', '--export', at('ledger.ndjson'), ...words]);
  return { at, verify };
}

test('an export is verified by the public key where there is neither a configuration nor keys', async (t) => {
  const { at, verify } = await given(t);
  const ran = await verify('--public-key', at('heads.pem'));
  assert.deepEqual([ran.exit, ran.out.startsWith(`${PROVEN}. Names of people`)], [0, true], ran.err);
  const told = await verify('--public-key', at('heads.pem'), '--anchors', at('service.log'), '--json');
  assert.deepEqual(JSON.parse(told.out), { valid: true, records: 2, anchors: 1, newer: 0, names: false });

  writeFileSync(at('ledger.ndjson'), readFileSync(at('ledger.ndjson'), 'utf8').replace('"pay"', '"web"'));
  const wrong = await verify('--public-key', at('heads.pem'), '--json');
  assert.deepEqual([wrong.exit, JSON.parse(wrong.out).error.code], [1, 'LED_EXPORT']);
});

test('without the public key the keys of the service prove an export, and heads that were kept beside it', async (t) => {
  const { at, verify } = await given(t);
  assert.equal(JSON.parse((await verify('--json')).out).error.code, 'CFG_NOT_FOUND');
  writeFileSync(at('nowhere.yaml'), '{}', { mode: 0o600 });
  assert.equal((await verify()).out, `${PROVEN}.\n`);
  const ran = await verify('--anchors', at('service.log'));
  assert.equal(ran.out, `${PROVEN}, 1 anchor(s) in it, 3 newer than its end.\n`);
});

test('what is given beside an export and cannot be used is a usage error', async (t) => {
  const { at, verify } = await given(t);
  for (const [words, text] of [
    [['--head', `1:${'a'.repeat(64)}`], /--anchors/],
    [['--public-key', at('service.log')], /no Ed25519 key/],
    [['--public-key', at('absent.pem')], /absent\.pem cannot be read/],
    [['--public-key', at('heads.pem'), '--anchors', at('heads.pem')], /no signed head/],
  ] as const) {
    const ran = await verify(...words);
    assert.equal(ran.exit, 64, ran.err);
    assert.match(ran.err, text);
  }
});
