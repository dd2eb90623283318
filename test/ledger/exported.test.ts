import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { parseAnchors } from '../../src/ledger/anchors.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { type Doubt, exportEnd, provenRecords, recordsIn } from '../../src/ledger/exported.ts';
import type { LedgerRecord } from '../../src/ledger/ledger.ts';
import { exportLedger } from '../../src/ledger/reading.ts';
import type { Store } from '../../src/store/store.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { openTestStore } from '../store/open.ts';

const COUNT = 12;
const random = seededRandom();
const keys = parseKeyFile(newKeyFile(random.bytes));

async function exported(t: TestContext, before?: (store: Store) => Promise<void>): Promise<readonly string[]> {
  const lines: string[] = [];
  const clock = new SimulatedTime();
  const store = await openTestStore(t);
  const ledger = createLedger({ store, keys, clock, random });
  for (let n = 1; n <= COUNT; n += 1)
    await store.write((tx) =>
      ledger.record(tx, {
        kind: 'grant.added',
        request: `r${n}`,
        actor: `sync-${n}`,
        subject: { kind: 'user', id: `u${n}` },
        body: { controller: 'ci', role: 'item:pay', entry: 'user', reasons: [{ rule: 'a', line: n, zero: -0 }] },
        personal: { jenkinsId: `ana${n}` },
      }),
    );
  await ledger.erase({ kind: 'user', id: 'u3' });
  await before?.(store);
  await ledger.seal();
  const last = await exportLedger(ledger, (text) => void lines.push(text));
  return [...lines, JSON.stringify(exportEnd(keys, last!))];
}

type Fields = Record<string, unknown> & { body: Record<string, unknown>; personal?: Record<string, string> };
const editedIn = (lines: readonly string[], at: number, edit: (record: Fields) => void): string[] =>
  lines.map((line, index) => {
    if (index !== at) return line;
    const record = JSON.parse(line) as Fields;
    edit(record);
    return JSON.stringify(record);
  });

/** What is first wrong in an export; undefined where nothing is. */
function doubtOf(by: typeof keys, lines: Iterable<string>): Doubt | undefined {
  let doubt: Doubt | undefined;
  const records = provenRecords(by, lines, (found) => {
    doubt = found;
  });
  for (const _ of records) if (doubt !== undefined) break;
  return doubt;
}

test('an export is proven by the keys that sealed it, erased values and empty lines included, and by no others', async (t) => {
  const lines = await exported(t);
  assert.equal(lines.length, COUNT + 2);
  assert.equal([...recordsIn(lines)].length, COUNT + 1);
  assert.equal(doubtOf(keys, lines), undefined);
  assert.equal(doubtOf(keys, [...lines.slice(0, 4), '', ...lines.slice(4), '']), undefined);
  const others = parseKeyFile(newKeyFile(random.bytes));
  assert.equal(doubtOf(others, lines)?.seq, 1);
});

test('records that can be read once are proven as they are given; none is given that somebody who doubts stops at', async (t) => {
  const lines = await exported(t);
  const once = [...lines, ''].values();
  assert.deepEqual([...provenRecords(keys, once, ({ reason }) => assert.fail(reason))], [...recordsIn(lines)]);
  const given: string[] = [];
  const stop = () => {
    for (const line of provenRecords(keys, lines.toSpliced(2, 1).values(), (doubt) => assert.fail(`${doubt.line}`)))
      given.push(line);
  };
  assert.throws(stop, { message: '3' });
  assert.deepEqual(given, lines.slice(0, 2));
  const told: number[] = [];
  const all = [...provenRecords(keys, lines.toSpliced(2, 1).values(), ({ line }) => told.push(line))];
  assert.deepEqual([all, told], [[...recordsIn(lines.toSpliced(2, 1))], [3]], 'the first doubt alone');
});

test('an edit of any field of any record of an export is found at that record', async (t) => {
  const lines = await exported(t);
  const names = [
    ...(['seq', 'row', 'at', 'kind', 'request', 'actor', 'subject', 'body', 'digests', 'personal', 'salt'] as const),
    ...(['uid', 'proof', 'previous', 'hash', 'mac'] as const),
  ];
  const field = fc.constantFrom(...names);
  const value = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.dictionary(fc.string(), fc.string()));
  fc.assert(
    fc.property(fc.nat(COUNT - 1), field, value, (at, name, put) => {
      const { [name]: was, personal } = JSON.parse(lines[at]!) as Fields;
      fc.pre(JSON.stringify(was) !== JSON.stringify(put));
      // Salt without values says nothing.
      fc.pre(name !== 'salt' || personal !== undefined);
      const doubt = doubtOf(
        keys,
        editedIn(lines, at, (record) => Object.assign(record, { [name]: put })),
      );
      assert.deepEqual([doubt?.seq, doubt?.line], [at + 1, at + 1], `${name} = ${JSON.stringify(put)}`);
    }),
  );
});

test('a record that SQL put into the ledger was sealed like any other, and is found in its export', async (t) => {
  const lines = await exported(t, (store) =>
    store.write(async ({ db }) => {
      const { id: _, ...row } = await db.selectFrom('ledger').selectAll().limit(1).executeTakeFirstOrThrow();
      const forged = { ...row, uid: 'forged', body: row.body.replace('item:pay', 'item:admin') };
      await db.insertInto('ledger').values(forged).execute();
    }),
  );
  assert.equal(lines.length, COUNT + 3);
  assert.deepEqual(doubtOf(keys, lines), {
    ...{ seq: COUNT + 2, line: COUNT + 2 },
    reason: 'it is not what the service recorded',
  });
});

test('records of an export that are gone, there twice, or in another order are found where it begins', async (t) => {
  const lines = await exported(t);
  fc.assert(
    fc.property(fc.nat(COUNT - 1), fc.nat(COUNT - 1), (one, other) => {
      assert.equal(doubtOf(keys, lines.toSpliced(one, 1))?.seq, one + 1);
      assert.equal(doubtOf(keys, lines.toSpliced(one, 0, lines[one]!))?.seq, one + 2);
      fc.pre(one !== other);
      const swapped = lines.with(one, lines[other]!).with(other, lines[one]!);
      assert.equal(doubtOf(keys, swapped)?.seq, Math.min(one, other) + 1);
    }),
  );
});

test('whose entry it was cannot be put into an export, and a line that was cut off is told', async (t) => {
  const lines = await exported(t);
  const other = editedIn(lines, 4, (record) => Object.assign(record, { personal: { jenkinsId: 'mallory' } }));
  assert.match(doubtOf(keys, other)!.reason, /personal values/);
  const unsalted = editedIn(lines, 4, (record) => void delete record.salt);
  assert.match(doubtOf(keys, unsalted)!.reason, /personal values/);
  const moved = editedIn(lines, 4, (record) => {
    const { personal, salt } = JSON.parse(lines[6]!) as Fields;
    Object.assign(record, { personal, salt });
  });
  assert.match(doubtOf(keys, moved)!.reason, /personal values/);
  assert.match(
    doubtOf(
      keys,
      editedIn(lines, 4, (record) => void delete record.row),
    )!.reason,
    /no whole record/,
  );
  assert.deepEqual(doubtOf(keys, [...lines.slice(0, 2), lines[2]!.slice(0, 40)]), {
    seq: 3,
    line: 3,
    reason: 'it is no whole record',
  });
});

test('records that are missing at the end of an export are found by its last line, and so is that line', async (t) => {
  const lines = await exported(t);
  const [records, end] = [lines.slice(0, -1), lines.at(-1)!];
  for (const kept of [1, 5, records.length - 1])
    assert.deepEqual(doubtOf(keys, [...records.slice(0, kept), end]), {
      ...{ seq: kept + 1, line: kept + 1 },
      reason: `records up to ${records.length} were there and are missing`,
    });
  for (const kept of [1, 5, records.length])
    assert.deepEqual(doubtOf(keys, records.slice(0, kept)), {
      ...{ seq: kept + 1, line: kept + 1 },
      reason: 'the line with the end of the export is missing, and with it whatever stood before it',
    });
  const signed = JSON.parse(end) as Record<string, unknown>;
  const forged = { ...signed, seq: 5, hash: (JSON.parse(lines[4]!) as { hash: string }).hash };
  assert.match(doubtOf(keys, [...lines.slice(0, 5), JSON.stringify(forged)])!.reason, /signature of its end/);
  assert.match(doubtOf(keys, [...lines, lines[0]!])!.reason, /behind the end/);
  const others = { ...keys, heads: parseKeyFile(newKeyFile(random.bytes)).heads };
  assert.match(doubtOf(others, lines)!.reason, /signature of its end/);
  const earlier = JSON.stringify(exportEnd(keys, JSON.parse(lines[4]!) as LedgerRecord));
  assert.equal(doubtOf(keys, [...lines.slice(0, 5), earlier]), undefined);
  assert.match(doubtOf(keys, [...lines.slice(0, 6), earlier])!.reason, /its end names another record/);
});

test('the end of an export is a signed head: the ledger it came of is held against it', async (t) => {
  const lines = await exported(t);
  assert.deepEqual(
    parseAnchors(lines.join('\n')).map(({ seq }) => seq),
    [COUNT + 1],
  );
});
