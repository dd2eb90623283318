import assert from 'node:assert/strict';
import { generateKeyPairSync, verify as verifySignature } from 'node:crypto';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import { canonical, digest } from '../../src/access/canonical.ts';
import { SILENT } from '../../src/access/ports/log.ts';
import type { LedgerEvent } from '../../src/access/ports/recorder.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { ScimError } from '../../src/errors.ts';
import { parseAnchors, parsePublicKey } from '../../src/ledger/anchors.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { signedHead } from '../../src/ledger/head.ts';
import { exportLedger } from '../../src/ledger/reading.ts';
import { GENESIS } from '../../src/ledger/record.ts';
import { openStore } from '../../src/store/open.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { engine, openTestStore, temporaryFolder } from '../store/open.ts';

const broken = (reason?: RegExp) => (error: unknown) =>
  error instanceof ScimError && error.code === 'LED_BROKEN' && (reason === undefined || reason.test(error.message));

async function world(t: TestContext) {
  const store = await openTestStore(t);
  const clock = new SimulatedTime();
  const random = seededRandom();
  const keys = parseKeyFile(newKeyFile(random.bytes));
  const ledger = createLedger({ store, keys, clock, random });
  const record = (event: LedgerEvent): Promise<void> => store.write((tx) => ledger.record(tx, event));
  const user = (id: string, userName: string): Promise<void> =>
    record({
      kind: 'scim.user.created',
      request: `r-${id}`,
      actor: 'token-1',
      subject: { kind: 'user', id },
      body: { active: true, nested: { list: [1, 'two', null] } },
      personal: { userName, email: `${userName}@corp.test` },
    });
  return { store, clock, random, keys, ledger, record, user };
}

async function filled(t: TestContext, count = 6) {
  const made = await world(t);
  await Promise.all(Array.from({ length: count }, (_, n) => made.user(`u${n + 1}`, `ana${n + 1}`)));
  await made.ledger.seal();
  return made;
}

test('records are chained in the order of their commits', async (t) => {
  const { ledger } = await filled(t, 450);
  const records = [...(await ledger.records(1, 300)), ...(await ledger.records(301, 300))];
  assert.deepEqual(
    records.map(({ seq, subject }) => [seq, subject?.id]),
    Array.from({ length: 450 }, (_, index) => [index + 1, `u${index + 1}`]),
  );
  let previous = GENESIS;
  for (const record of records) {
    assert.equal(record.previous, previous);
    previous = record.hash;
  }
  assert.deepEqual(await ledger.verify(), { records: 450, head: `450:${previous}`, heads: 0, anchors: 0, unsealed: 0 });
});

test('records that are made together are those that are made one by one, whatever text is in them', async (t) => {
  const one = await world(t);
  const many = await world(t);
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const events = fc.array(
    fc.record(
      {
        kind: text,
        request: text,
        actor: text,
        subject: fc.record({ kind: fc.constantFrom('user', 'controller'), id: text }),
        body: fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
        personal: fc.dictionary(text, text, { maxKeys: 2 }),
      },
      { requiredKeys: ['kind', 'body'] },
    ),
    { maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(events, async (list) => {
      await one.store.write(async (tx) => {
        for (const event of list) await one.ledger.record(tx, event as LedgerEvent);
      });
      await many.store.write((tx) => many.ledger.recordAll(tx, list as LedgerEvent[]));
    }),
    { numRuns: 15 },
  );
  const shown = async ({ ledger }: typeof one) => {
    await ledger.seal();
    await ledger.verify();
    const records = await ledger.records(1, 1_000);
    return records.map(({ kind, request, actor, subject, body, personal }) => ({
      ...{ kind, request, actor, subject, body, personal },
    }));
  };
  assert.deepEqual(await shown(many), await shown(one));
});

test('a record is there if and only if its transaction is', async (t) => {
  const { store, ledger } = await world(t);
  const doomed = store.write(async (tx) => {
    await ledger.record(tx, { kind: 'a', body: {}, personal: { name: 'ana' } });
    throw new Error('undone');
  });
  const kept = store.write((tx) => ledger.record(tx, { kind: 'b', body: {} }));
  await assert.rejects(doomed, /undone/);
  await kept;
  await ledger.seal();
  assert.deepEqual(
    (await ledger.records(1, 10)).map(({ kind, seq }) => [kind, seq]),
    [['b', 1]],
  );
  await ledger.verify();
});

test('anyone can recompute the hash of an exported record', async (t) => {
  const { ledger } = await filled(t, 3);
  const lines: string[] = [];
  assert.equal((await exportLedger(ledger, (line) => lines.push(line)))?.seq, 3);
  for (const line of lines) {
    assert.ok(!line.includes('\n'));
    const { row: _, personal, salt: __, hash, mac, ...covered } = JSON.parse(line);
    assert.equal(digest(covered), hash);
    assert.match(mac, /^[0-9a-f]{64}$/);
    assert.deepEqual(Object.keys(personal), ['email', 'userName']);
  }
});

test('an export of many pages is complete', async (t) => {
  const { ledger } = await filled(t, 1001);
  const seen: number[] = [];
  await exportLedger(ledger, (line) => seen.push(JSON.parse(line).seq));
  assert.deepEqual(
    seen,
    Array.from({ length: 1001 }, (_, index) => index + 1),
  );
});

test('sealing has an end while records keep coming', async (t) => {
  const { store, keys, clock, random, user } = await world(t);
  await user('u0', 'ana');
  let meanwhile = 0;
  const busy = {
    read: store.read.bind(store),
    async write<T>(work: Parameters<typeof store.write<T>>[0]) {
      const done = await store.write(work);
      if (meanwhile < 20) await user(`u${++meanwhile}`, 'bo');
      return done;
    },
  };
  const ledger = createLedger({ store: { ...store, ...busy }, keys, clock, random });
  assert.equal(await ledger.seal(), 1);
  assert.equal(await ledger.seal(), 1);
  assert.equal(meanwhile, 2);
});

test('sealers that run at once make one chain', async (t) => {
  const { ledger, user } = await world(t);
  const writers = Array.from({ length: 50 }, (_, n) => user(`u${n}`, `ana${n}`));
  const sealers = Array.from({ length: 5 }, () => ledger.seal());
  await Promise.all([...writers, ...sealers]);
  await Promise.all(Array.from({ length: 5 }, () => ledger.seal()));
  assert.equal((await ledger.verify()).records, 50);
});

test('the service and a command seal beside each other, each with a database handle of its own', async (t) => {
  const folder = temporaryFolder(t);
  const handles = await Promise.all(
    ['one', 'two'].map(() =>
      openStore(`sqlite:${join(folder, 'shared.db')}`, { clock: systemClock, timers: systemTimers, log: SILENT }),
    ),
  );
  const random = seededRandom();
  const keys = parseKeyFile(newKeyFile(random.bytes));
  const ledgers = handles.map((store) => createLedger({ store, keys, clock: systemClock, random }));
  for (let round = 0; round < 5; round++)
    await Promise.all(
      handles.flatMap((store, index) => {
        const ledger = ledgers[index]!;
        const body = { round, index };
        const writes = Array.from({ length: 10 }, () => store.write((tx) => ledger.record(tx, { kind: 'k', body })));
        return [...writes, ledger.seal(), ledger.signHead()];
      }),
    );
  await ledgers[0]!.seal();
  const [one, two] = await Promise.all(ledgers.map((ledger) => ledger.verify()));
  assert.equal(one?.records, 100);
  assert.equal(one?.unsealed, 0);
  assert.deepEqual(two, one);
  for (const store of handles) await store.close();
});

test('personal values are only in the side table', async (t) => {
  const { ledger, store } = await filled(t, 2);
  const rows = await store.read((db) => db.selectFrom('ledger').selectAll().execute());
  assert.ok(!JSON.stringify(rows).includes('ana'));
  assert.deepEqual((await ledger.records(1, 1))[0]?.personal, { email: 'ana1@corp.test', userName: 'ana1' });
});

test('the same personal value has another digest in each record', async (t) => {
  const { ledger, user } = await world(t);
  await user('u1', 'ana');
  await user('u2', 'ana');
  await ledger.seal();
  const [one, two] = await ledger.records(1, 2);
  assert.notEqual(one?.digests.userName, two?.digests.userName);
});

test('erasing forgets the values of one subject and keeps the chain whole', async (t) => {
  const { ledger, store } = await filled(t, 4);
  assert.equal(await ledger.erase({ kind: 'user', id: 'u2' }, 'ana'), 1);
  assert.equal(await ledger.erase({ kind: 'user', id: 'u2' }), 0);
  await ledger.seal();
  assert.equal((await ledger.verify()).records, 5);
  const records = await ledger.records(1, 10);
  assert.deepEqual(
    records.map(({ personal }) => personal?.userName),
    ['ana1', undefined, 'ana3', 'ana4', undefined],
  );
  assert.deepEqual([records[4]?.kind, records[4]?.actor, records[4]?.body], ['ledger.erased', 'ana', { records: 1 }]);
  const kept = await store.read((db) => db.selectFrom('ledger_personal').selectAll().execute());
  assert.ok(!JSON.stringify(kept).includes('ana2'));
});

test('what is told and erased of a subject is of that one only, whatever kinds and ids others have', async (t) => {
  const { ledger, record } = await world(t);
  const subjects = [
    { kind: 'user', id: 'one' },
    { kind: 'group', id: 'one' },
    { kind: 'user', id: 'two' },
  ] as const;
  for (const n of [1, 2])
    for (const subject of subjects)
      await record({ kind: `k${n}`, subject, body: {}, personal: { name: `${subject.kind} ${subject.id}` } });
  for (const subject of subjects)
    assert.deepEqual(
      (await ledger.about(subject, 9)).map((found) => [found.kind, found.subject, found.personal]),
      ['k2', 'k1'].map((kind) => [kind, subject, { name: `${subject.kind} ${subject.id}` }]),
    );
  assert.equal(await ledger.erase({ kind: 'user', id: 'one' }), 2);
  const personal = async (subject: (typeof subjects)[number]) =>
    (await ledger.about(subject, 9)).filter((found) => found.personal !== undefined).length;
  assert.deepEqual(await Promise.all(subjects.map(personal)), [0, 2, 2]);
  await ledger.verify();
});

test('about tells newest first, what was just committed too', async (t) => {
  const { ledger, user, record } = await world(t);
  await user('u1', 'ana');
  await user('u2', 'bo');
  for (let n = 0; n < 5; n++) await record({ kind: `k${n}`, subject: { kind: 'user', id: 'u1' }, body: {} });
  const found = await ledger.about({ kind: 'user', id: 'u1' }, 3);
  assert.deepEqual(
    found.map(({ kind }) => kind),
    ['k4', 'k3', 'k2'],
  );
});

test('strange text comes back as it can be stored, and verifies', async (t) => {
  const { ledger, record } = await world(t);
  const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 20 }), 60);
  for (const text of [...texts, '\u0000', '\ud800', '__proto__', '\u2028'])
    await record({
      kind: text,
      request: text,
      actor: text,
      subject: { kind: 'user', id: text },
      body: { [text]: text },
      personal: JSON.parse(`{${JSON.stringify(text)}: ${JSON.stringify(text)}}`),
    });
  await ledger.seal();
  assert.equal((await ledger.verify()).records, texts.length + 4);
});

test('a head is signed once, verifies with the public key alone, and is checked', async (t) => {
  const { ledger, keys, user } = await filled(t, 3);
  const head = (await ledger.signHead())!;
  assert.deepEqual(await ledger.signHead(), head);
  const { signature, ...signed } = head;
  const text = Buffer.from(canonical(signed));
  assert.ok(verifySignature(null, text, keys.heads.publicKey, Buffer.from(signature, 'base64')));
  await user('u9', 'zoe');
  assert.equal((await ledger.signHead())?.seq, 4);
  assert.equal((await ledger.verify()).heads, 2);
});

test('a head that SQL put there is signed anew, and found', async (t) => {
  const { ledger, store } = await filled(t);
  const { seq, hash } = (await ledger.records(6, 1))[0]!;
  const forged = { seq, hash, at: '2026-01-01T00:00:00.000Z', signature: 'AAAA' };
  await store.write(({ db }) => db.insertInto('ledger_heads').values(forged).execute());
  const head = (await ledger.signHead())!;
  assert.notEqual(head.signature, forged.signature);
  await assert.rejects(ledger.verify(), broken(/the signature of a head/));
  await store.write(({ db }) => db.deleteFrom('ledger_heads').execute());
  assert.equal((await ledger.verify(undefined, { anchors: [head] })).anchors, 1);
});

test('a chain that was sealed anew with our own keys does not fit the heads that were signed before', async (t) => {
  const { ledger, store, user } = await filled(t, 3);
  const anchor = (await ledger.signHead())!;
  for (const table of ['ledger', 'ledger_personal'] as const)
    await store.write(({ db }) => db.deleteFrom(table).execute());
  for (const id of ['u1', 'u2', 'u3', 'u4']) await user(id, 'eve');
  await ledger.seal();
  await assert.rejects(ledger.verify(), broken(/record 3.*a signed head names another hash/));
  await store.write(({ db }) => db.deleteFrom('ledger_heads').execute());
  assert.equal((await ledger.verify()).records, 4);
  await assert.rejects(
    ledger.verify(undefined, { anchors: [anchor] }),
    broken(/record 3.*a signed head names another hash/),
  );
});

test('an empty ledger has no head, and is whole', async (t) => {
  const { ledger } = await world(t);
  assert.equal(await ledger.signHead(), undefined);
  assert.deepEqual(await ledger.verify(), { records: 0, head: `0:${GENESIS}`, heads: 0, anchors: 0, unsealed: 0 });
  assert.deepEqual(await ledger.verify(`0:${GENESIS}`), await ledger.verify());
  await assert.rejects(ledger.verify(`0:${'f'.repeat(64)}`), broken(/not in the chain/));
});

test('a head that was kept elsewhere must be in the chain', async (t) => {
  const { ledger } = await filled(t, 5);
  const { head } = await ledger.verify();
  const third = (await ledger.records(3, 1))[0]!;
  for (const good of [head, third.hash, `3:${third.hash}`, third.hash.toUpperCase()])
    assert.equal((await ledger.verify(good)).records, 5);
  for (const bad of [`0:${third.hash}`, `4:${third.hash}`, `3:${'0'.repeat(64)}`, 'f'.repeat(64), `6:${third.hash}`])
    await assert.rejects(ledger.verify(bad), broken(), bad);
  for (const nonsense of ['', 'abc', '3:abc', `-1:${third.hash}`])
    await assert.rejects(ledger.verify(nonsense), (error) => error instanceof ScimError && error.code === 'CLI_USAGE');
});

test('truncation is found by a head kept elsewhere, even where stored heads are cut too', async (t) => {
  const { ledger, store } = await filled(t, 6);
  const { head } = await ledger.verify();
  await ledger.signHead();
  const cut = (table: 'ledger' | 'ledger_heads') =>
    store.write(({ db }) => db.deleteFrom(table).where('seq', '>', 4).execute());
  await store.write(({ db }) =>
    db
      .deleteFrom('ledger_personal')
      .where('uid', 'in', db.selectFrom('ledger').select('uid').where('seq', '>', 4))
      .execute(),
  );
  await cut('ledger');
  await assert.rejects(ledger.verify(), broken(/record 5.*missing/));
  await cut('ledger_heads');
  assert.equal((await ledger.verify()).records, 4);
  await assert.rejects(ledger.verify(head), broken(/record 5.*missing/));
});

test('anchors that were kept elsewhere are verified by the public key alone, and have to be in the chain', async (t) => {
  const { ledger, user, keys } = await filled(t, 3);
  const first = (await ledger.signHead())!;
  await user('u9', 'zoe');
  const second = (await ledger.signHead())!;
  const log = [
    '{"level":30,"msg":"listening"}',
    ...[first, second].map((head) => JSON.stringify({ level: 30, time: 1, ...head, msg: 'ledger head' })),
    'not JSON "signature"',
    '',
  ].join('\n');
  const anchors = parseAnchors(log);
  const pem = keys.heads.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const publicKey = parsePublicKey(pem);
  assert.equal((await ledger.verify(undefined, { anchors, publicKey })).anchors, 2);
  const other = parseKeyFile(newKeyFile(seededRandom(7).bytes)).heads;
  await assert.rejects(ledger.verify(undefined, { anchors, publicKey: other.publicKey }), broken(/signature/));
  const forged = signedHead(other, { ...second, hash: 'a'.repeat(64) });
  await assert.rejects(ledger.verify(undefined, { anchors: [forged] }), broken(/signature/));
  for (const nonsense of ['', '{"signature":1}', 'x']) assert.throws(() => parseAnchors(nonsense), usage);
  for (const nonsense of ['', 'PEM', JSON.stringify(first)]) assert.throws(() => parsePublicKey(nonsense), usage);
});

test('whoever cuts or rewrites history with our own keys is found by an anchor', async (t) => {
  const { ledger, store, keys } = await filled(t, 5);
  const anchor = (await ledger.signHead())!;
  const rewritten = signedHead(keys.heads, { ...anchor, hash: 'b'.repeat(64) });
  await assert.rejects(ledger.verify(undefined, { anchors: [rewritten] }), broken(/two signed heads/));
  await store.write(async ({ db }) => {
    await db.deleteFrom('ledger_heads').execute();
    await db
      .deleteFrom('ledger_personal')
      .where('uid', 'in', db.selectFrom('ledger').select('uid').where('seq', '>', 3))
      .execute();
    await db.deleteFrom('ledger').where('seq', '>', 3).execute();
  });
  assert.equal((await ledger.verify()).records, 3);
  await assert.rejects(ledger.verify(undefined, { anchors: [anchor] }), broken(/record 4.*missing/));
  await assert.rejects(ledger.verify(undefined, { anchors: [rewritten] }), broken(/record 4.*missing/));
});

const usage = (error: unknown): boolean => error instanceof ScimError && error.code === 'CLI_USAGE';

test('the last record is missed where SQL gave it a place before the first one', async (t) => {
  for (const seq of [0, -1]) {
    const { ledger, store } = await filled(t, 3);
    await store.write(({ db }) => db.updateTable('ledger').set({ seq }).where('seq', '=', 3).execute());
    await assert.rejects(ledger.verify(), broken(/record 3.*missing/));
  }
});

test('a sealed record that has lost its place is found, though it was the last one', async (t) => {
  for (const kept of [{}, { hash: null }, { previous: null, mac: null }]) {
    const { ledger, store } = await filled(t, 3);
    const lost = { seq: null, ...kept };
    await store.write(({ db }) => db.updateTable('ledger').set(lost).where('seq', '=', 3).execute());
    await assert.rejects(ledger.verify(), broken(/a sealed record has lost its place/));
  }
});

test('a line with a signature that is no head of ours is passed over, and a key that signs no heads is refused', () => {
  const head = { seq: 1, hash: 'a'.repeat(64), at: '2026-01-01T00:00:00.000Z', signature: 'AAAA' };
  const strange = [{ seq: 1.5 }, { seq: '1' }, { hash: 'a' }, { at: 7 }, { signature: null }].map((one) => ({
    ...head,
    ...one,
  }));
  assert.deepEqual(parseAnchors([...strange, head].map((one) => JSON.stringify(one)).join('\n')), [head]);
  for (const one of strange) assert.throws(() => parseAnchors(JSON.stringify(one)), /no signed head/);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  assert.throws(() => parsePublicKey(pem), /no Ed25519 key/);
});

test('a whole new history, sealed with our own keys, does not hold the old head', async (t) => {
  const { ledger, store, user } = await filled(t, 3);
  const { head } = await ledger.verify();
  for (const table of ['ledger', 'ledger_personal', 'ledger_heads'] as const)
    await store.write(({ db }) => db.deleteFrom(table).execute());
  for (const id of ['u1', 'u2', 'u3', 'u4']) await user(id, 'eve');
  await ledger.seal();
  await ledger.verify();
  await assert.rejects(ledger.verify(head), broken(/head/));
});

type Attack = (
  db: Parameters<Parameters<Awaited<ReturnType<typeof world>>['store']['read']>[0]>[0],
) => Promise<unknown>;

const ATTACKS: Record<string, { readonly attack: Attack; readonly reason: RegExp }> = {
  'a record removed from the middle': {
    attack: (db) => db.deleteFrom('ledger').where('seq', '=', 3).execute(),
    reason: /./,
  },
  'the first removed': { attack: (db) => db.deleteFrom('ledger').where('seq', '=', 1).execute(), reason: /./ },
  'the last removed after its head was signed': {
    attack: (db) => sql`DELETE FROM ledger WHERE seq = 6`.execute(db),
    reason: /./,
  },
  'two swapped': {
    attack: async (db) => {
      await sql`UPDATE ledger SET seq = -1 WHERE seq = 2`.execute(db);
      await sql`UPDATE ledger SET seq = 2 WHERE seq = 3`.execute(db);
      await sql`UPDATE ledger SET seq = 3 WHERE seq = -1`.execute(db);
    },
    reason: /record 2: .*follow/,
  },
  'the contents of two swapped': {
    attack: async (db) => {
      const columns = 'kind, request, actor, subject_kind, subject_id, body, digests, proof';
      const update = (to: number, from: string) =>
        sql.raw(`UPDATE ledger SET (${columns}) = (SELECT ${columns} FROM ${from}) WHERE seq = ${to}`).execute(db);
      await sql`CREATE TEMP TABLE kept AS SELECT * FROM ledger WHERE seq = 2`.execute(db);
      await update(2, 'ledger WHERE seq = 3');
      await update(3, 'kept');
      await sql`DROP TABLE kept`.execute(db);
    },
    reason: /record 2: .*hash/,
  },
  'one inserted before the sealer came': {
    attack: (db) =>
      sql`INSERT INTO ledger (uid, at, kind, body, digests, proof) VALUES ('x', 'now', 'k', '{}', '{}', 'p')`.execute(
        db,
      ),
    reason: /not what the service recorded/,
  },
  'one inserted that is no JSON': {
    attack: (db) =>
      sql`INSERT INTO ledger (uid, at, kind, body, digests, proof) VALUES ('x', 'now', 'k', '{', '', 'p')`.execute(db),
    reason: /rewritten/,
  },
  'one inserted at the end with a hash that fits': {
    attack: (db) =>
      sql`INSERT INTO ledger (uid, at, kind, body, digests, proof, seq, previous, hash, mac)
        SELECT 'x', at, kind, body, digests, proof, 7, hash, hash, mac FROM ledger WHERE seq = 6`.execute(db),
    reason: /record 7/,
  },
  'the last one taken out of the chain': {
    attack: (db) => sql`UPDATE ledger SET seq = NULL WHERE seq = 6`.execute(db),
    reason: /./,
  },
  'a place that is no number': {
    attack: (db) => sql`UPDATE ledger SET seq = 'last' WHERE seq = 6`.execute(db),
    reason: /record 6/,
  },
  'a place far away': {
    attack: (db) => sql`UPDATE ledger SET seq = 9e15 WHERE seq = 6`.execute(db),
    reason: /record 6/,
  },
  'a personal value changed': {
    attack: (db) => sql`UPDATE ledger_personal SET content = replace(content, 'ana1', 'eve')`.execute(db),
    reason: /personal/,
  },
  'a personal value removed from the rest': {
    attack: (db) => sql`UPDATE ledger_personal SET content = '{}'`.execute(db),
    reason: /personal/,
  },
  'a salt changed': { attack: (db) => sql`UPDATE ledger_personal SET salt = '00'`.execute(db), reason: /personal/ },
  'personal values moved to another record': {
    attack: (db) => sql`UPDATE ledger_personal SET uid = 'nobody' WHERE content LIKE '%ana3%'`.execute(db),
    reason: /no record/,
  },
  'a head moved': { attack: (db) => sql`UPDATE ledger_heads SET seq = 5`.execute(db), reason: /signature/ },
  'a head rewritten': {
    attack: (db) => sql`UPDATE ledger_heads SET hash = ${'0'.repeat(64)}`.execute(db),
    reason: /signature/,
  },
  'a head of another time': {
    attack: (db) => sql`UPDATE ledger_heads SET at = 'then'`.execute(db),
    reason: /signature/,
  },
  'a signature in another spelling': {
    attack: (db) => sql`UPDATE ledger_heads SET signature = signature || '='`.execute(db),
    reason: /signature/,
  },
};

const TYPED = new Set(['a place that is no number']);

for (const [name, { attack, reason }] of Object.entries(ATTACKS))
  test(`found: ${name}`, {
    skip: engine() === 'postgres' && TYPED.has(name) && 'its columns have types',
  }, async (t) => {
    const { ledger, store } = await filled(t, 6);
    await ledger.signHead();
    await ledger.verify();
    await store.write(({ db }) => attack(db));
    await assert.rejects(ledger.verify(), broken(reason));
    await ledger.seal();
    await assert.rejects(ledger.verify(), broken(), 'sealing does not heal it');
  });

test('text that says the same in other words is found: digests, and personal values', async (t) => {
  for (const [table, column] of [
    ['ledger', 'digests'],
    ['ledger_personal', 'content'],
  ] as const) {
    const { ledger, store, record } = await filled(t, 1);
    if (table === 'ledger') await record({ kind: 'k', body: {} });
    await ledger.seal();
    const edit = sql`UPDATE ${sql.table(table)} SET ${sql.ref(column)} = ${sql.ref(column)} || ' '`;
    await store.write(({ db }) => edit.execute(db));
    await assert.rejects(ledger.verify(), broken(table === 'ledger' ? /rewritten/ : /personal values/));
  }
});

test('a head that was signed for another hash at its place is not handed out as ours', async (t) => {
  const { ledger, store, user } = await filled(t, 1);
  const former = (await ledger.signHead())!;
  for (const table of ['ledger', 'ledger_personal'] as const)
    await store.write(({ db }) => db.deleteFrom(table).execute());
  await user('u1', 'eve');
  const head = (await ledger.signHead())!;
  assert.equal(head.seq, former.seq);
  assert.equal(head.hash, (await ledger.records(1, 1))[0]?.hash);
});

test('a copied record is found, even where the index that forbids it is gone', async (t) => {
  const { ledger, store, user } = await world(t);
  await user('u1', 'ana');
  await store.write(async ({ db }) => {
    await sql`CREATE TABLE bare AS SELECT * FROM ledger`.execute(db);
    await sql`INSERT INTO bare SELECT id + 1, uid, at, kind, request, actor, subject_kind, subject_id, body, digests, proof,
      seq, previous, hash, mac FROM bare`.execute(db);
    await sql`DROP TABLE ledger`.execute(db);
    await sql`ALTER TABLE bare RENAME TO ledger`.execute(db);
  });
  await ledger.seal();
  await assert.rejects(ledger.verify(), broken(/twice/));
});

test('any edit of any column of any record is found', async (t) => {
  const { ledger, store } = await filled(t, 5);
  await ledger.signHead();
  const columns = [
    'uid',
    'at',
    'kind',
    'request',
    'actor',
    'subject_kind',
    'subject_id',
    'body',
    'digests',
    'proof',
  ].concat(['id', 'seq', 'previous', 'hash', 'mac']);
  const value = fc.oneof(fc.string({ maxLength: 10 }), fc.integer({ min: 0, max: 50 }), fc.constant(null));
  const original = await store.read((db) => db.selectFrom('ledger').selectAll().orderBy('id').execute());
  await fc.assert(
    fc.asyncProperty(fc.nat(4), fc.constantFrom(...columns), value, async (at, column, to) => {
      const row = original[at]!;
      fc.pre(!Object.is(String(row[column as keyof typeof row]), String(to)));
      const edited = await store
        .write(({ db }) =>
          sql`UPDATE ledger SET ${sql.ref(column)} = ${typeof to === 'string' ? to.toWellFormed() : to} WHERE id = ${row.id}`.execute(
            db,
          ),
        )
        .then(
          () => true,
          () => false,
        );
      // The schema itself refuses an empty NOT NULL column and a second row at one place.
      fc.pre(edited);
      await assert.rejects(ledger.verify(), broken(), `${column} = ${to}`);
      await store.write(async ({ db }) => {
        await db.deleteFrom('ledger').execute();
        await db.insertInto('ledger').values(original).execute();
      });
      await ledger.verify();
    }),
    { numRuns: 100 },
  );
});

test('a membership is witnessed by the very request that the last record about it names, and by no other', async (t) => {
  const { store, ledger, record } = await world(t);
  const members = (request: string, body: Record<string, unknown>): Promise<void> =>
    record({ kind: 'scim.group.members', request, actor: 'token-1', subject: { kind: 'group', id: 'g' }, body });
  const witnessed = (request: string | null, member = 'ana') =>
    store.read((db) => ledger.witness.edge(db, { group: 'g', member, request }));
  await members('r1', { added: ['ana'], removed: [] });
  assert.equal(await witnessed('r1'), true);
  assert.deepEqual(await Promise.all([witnessed('r0'), witnessed(null), witnessed('r1', 'bo')]), [false, false, false]);
  await members('r2', { added: [], removed: ['ana'] });
  assert.deepEqual(await Promise.all([witnessed('r1'), witnessed('r2')]), [false, false], 'it was taken out since');
  await members('r3', { added: ['ana'], removed: [] });
  assert.deepEqual(await Promise.all([witnessed('r1'), witnessed('r3')]), [false, true]);
});

test('what a group was called, and its externalId, is witnessed by records of its creation and its changes that hold', async (t) => {
  const { store, ledger, record } = await world(t);
  const known = () => store.read((db) => ledger.witness.group(db, 'g'));
  const names = async () => [...(await known()).names].sort();
  const externalIds = async () => [...(await known()).externalIds].sort();
  const told = (kind: string, body: Record<string, unknown>, id = 'g') =>
    record({ kind, request: 'r', actor: 'token-1', subject: { kind: 'group', id }, body });
  assert.deepEqual(await names(), []);
  await told('scim.group.created', { displayName: 'Tea' });
  await told('scim.group.created', { displayName: 'Admins' }, 'another');
  await told('scim.group.members', { displayName: 'Told', added: [], removed: [] });
  await told('scim.group.renamed', { from: 'Tea', to: 'Coffee' });
  await told('scim.group.renamed', { from: 'Admins', to: 'Cake' });
  await told('scim.group.changed', { displayName: 'Set', externalId: 'x2' });
  await told('scim.group.changed', { displayName: 'Set', externalId: null });
  await told('scim.group.created', { displayName: 'Admins', externalId: 'x3' }, 'another');
  assert.deepEqual(await externalIds(), ['x2']);
  assert.deepEqual(await names(), ['Cake', 'Coffee', 'Tea'], 'what it was renamed from is what the database said then');
  await store.write(({ db }) =>
    db.updateTable('ledger').set({ subject_id: 'g' }).where('subject_id', '=', 'another').execute(),
  );
  assert.deepEqual(await names(), ['Cake', 'Coffee', 'Tea'], 'a record that was edited tells nothing');
});

test('who somebody is is witnessed by the last record of them: names, and whether they are active', async (t) => {
  const { store, ledger, record } = await world(t);
  const row = { id: 'u', user_name: 'ana', external_id: 'x', email: 'a@corp.test', active: 1 };
  type Row = Parameters<typeof ledger.witness.person>[1];
  const known = (change: Partial<Row> = {}) => store.read((db) => ledger.witness.person(db, { ...row, ...change }));
  const told = (kind: string, body: Record<string, unknown>, personal: Record<string, string>, id = 'u') =>
    record({ kind, request: 'r', actor: 'token-1', subject: { kind: 'user', id }, body, personal });
  assert.equal(await known(), false);
  await told('scim.user.created', { active: true }, { userName: 'anna', email: 'a@corp.test' });
  assert.equal(await known(), false);
  assert.equal(await known({ user_name: 'anna', external_id: null }), true);
  await told('scim.user.changed', { attributes: [] }, { userName: 'ana', externalId: 'x', email: 'a@corp.test' });
  await told('identity.older', {}, { jenkinsId: 'other' });
  await told('scim.user.changed', { attributes: [] }, { userName: 'mallory' }, 'another');
  assert.equal(await known(), true);
  const others: Partial<Row>[] = [
    { user_name: 'mallory' },
    { external_id: 'y' },
    { external_id: null },
    { email: null },
    { active: 0 },
  ];
  for (const other of others) assert.equal(await known(other), false, JSON.stringify(other));
  const same = { userName: 'ana', externalId: 'x', email: 'a@corp.test' };
  await told('scim.user.deactivated', { attributes: [] }, same);
  await told('scim.user.changed', { attributes: [] }, same);
  assert.equal(await known(), false);
  assert.equal(await known({ active: 0 }), true);
  await told('scim.user.reactivated', { attributes: [] }, same);
  assert.equal(await known(), true);
  await store.write(({ db }) => db.updateTable('ledger_personal').set({ content: '{"userName":"mallory"}' }).execute());
  assert.equal(await known({ user_name: 'mallory', external_id: null, email: null }), false, 'edited');
  await ledger.erase({ kind: 'user', id: 'u' });
  assert.equal(await known(), false, 'erased');
});
