import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { createCredentials } from '../../src/credentials/createCredentials.ts';
import { type Proven, ProvenTokens } from '../../src/credentials/proven.ts';
import { ScimError } from '../../src/errors.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { SimulatedTime, seededRandom, settle } from '../sim/time.ts';
import { temporaryFolder } from '../store/open.ts';

const INVALID = (error: unknown): boolean => error instanceof ScimError && error.code === 'AUTH_INVALID';

/** Two processes over one file, as `serve` and a command line are. */
async function world(t: TestContext) {
  const url = `sqlite:${join(temporaryFolder(t), 'test.db')}`;
  const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
  const queries: string[] = [];
  const time = new SimulatedTime();
  const open = async (seed: number, observe?: (sql: string) => void) => {
    const store: Store = await openStore(url, parts, observe === undefined ? {} : { observe });
    t.after(() => store.close());
    const keys = { current: 1, byVersion: new Map([[1, new Uint8Array(32).fill(1)]]) };
    const recorder = { record: async () => {} };
    const random = seededRandom(seed);
    return { store, credentials: createCredentials({ store, keys, clock: time, random, recorder, log: SILENT }) };
  };
  const service = await open(1, (sql) => queries.push(sql));
  const other = await open(2);
  const made = await service.credentials.create({ kind: 'scim', connection: 'okta' }, 'cli');
  const verify = () => service.credentials.verify(`Bearer ${made.token}`, 'scim');
  await verify();
  await settle();
  await verify();
  return { ...service, other, queries, time, id: made.id, verify };
}

test('a token that was proven costs no statement until something changes', async (t) => {
  const { queries, verify, store } = await world(t);
  await store.write(({ db }) => db.insertInto('expired').values({ key: 'elsewhere', at: 'now' }).execute());
  queries.length = 0;
  await verify();
  assert.deepEqual(queries, []);
});

test('a token revoked here opens nothing from the next request on', async (t) => {
  const { credentials, verify, id } = await world(t);
  await credentials.revoke(id, 'cli');
  await assert.rejects(verify(), INVALID);
});

test('a token revoked by another process opens nothing from the next request on', async (t) => {
  const { other, verify, id } = await world(t);
  await other.credentials.revoke(id, 'cli');
  await assert.rejects(verify(), INVALID);
});

test('a token that was read while it was being revoked is not remembered', async (t) => {
  const { credentials, verify, id } = await world(t);
  await Promise.allSettled([verify(), credentials.revoke(id, 'cli'), verify()]);
  await assert.rejects(verify(), INVALID);
});

test('a token that was tampered with in the database is not taken for the one that was proven', async (t) => {
  const { other, verify, id } = await world(t);
  await other.store.write(({ db }) =>
    db.updateTable('tokens').set({ connection: 'entra' }).where('id', '=', id).execute(),
  );
  await assert.rejects(verify(), INVALID);
});

test('a proven token ends when it expires', async (t) => {
  const { credentials, time } = await world(t);
  const expiresAt = new Date(time.now() + 1_000).toISOString();
  const { token } = await credentials.create({ kind: 'scim', connection: 'okta', expiresAt }, 'cli');
  await credentials.verify(`Bearer ${token}`, 'scim');
  await time.advance(1_001);
  await assert.rejects(credentials.verify(`Bearer ${token}`, 'scim'), INVALID);
});

test('of a thousand tokens none is proven twice; of more, the one that was kept longest is', async () => {
  let asked = 0;
  const tokens = new ProvenTokens({ stamp: () => 'unchanged' } as never, new Map([[1, new Uint8Array(32)]]));
  const find = (name: string) =>
    tokens.find(name, async () => {
      asked += 1;
      return { version: 1 } as Proven;
    });
  for (let round = 0; round < 2; round++) for (let n = 0; n < 1_000; n++) await find(`t${n}`);
  assert.equal(asked, 1_000);
  await find('one more');
  await find('t1');
  assert.equal(asked, 1_001);
  await find('t0');
  assert.equal(asked, 1_002);
});

test('what was proven under a key that is gone is proven anew, and where nobody says what changed, each time', async () => {
  const keys = new Map([[1, new Uint8Array(32)]]);
  for (const stamp of [() => 'unchanged', undefined]) {
    let asked = 0;
    keys.set(1, new Uint8Array(32));
    const tokens = new ProvenTokens({ ...(stamp === undefined ? {} : { stamp }) } as never, keys);
    const find = () =>
      tokens.find('t', async () => {
        asked += 1;
        return { version: 1 } as Proven;
      });
    await find();
    await find();
    assert.equal(asked, stamp === undefined ? 2 : 1);
    keys.delete(1);
    await find();
    assert.equal(asked, stamp === undefined ? 3 : 2);
  }
});

test('what was read before a change is not kept, and what is none of ours neither', async () => {
  let changes = 0;
  let asked = 0;
  const tokens = new ProvenTokens({ stamp: () => String(changes) } as never, new Map([[1, new Uint8Array(32)]]));
  const find = (name: string, whileAsked: () => void, proven: Proven | undefined) =>
    tokens.find(name, async () => {
      asked += 1;
      whileAsked();
      return proven;
    });
  const own = { version: 1 } as Proven;
  await find('a', () => changes++, own);
  await find('a', () => {}, own);
  await find('a', () => {}, own);
  assert.equal(asked, 2);
  for (let n = 0; n < 2; n++) await find('b', () => {}, undefined);
  assert.equal(asked, 4);
});

test('what was read before a change is not kept, though another token was asked about in between', async () => {
  let changes = 0;
  let asked = 0;
  const tokens = new ProvenTokens({ stamp: () => String(changes) } as never, new Map([[1, new Uint8Array(32)]]));
  const own = { version: 1 } as Proven;
  const read = Promise.withResolvers<Proven>();
  const before = tokens.find('a', () => read.promise);
  changes += 1;
  await tokens.find('b', async () => own);
  read.resolve(own);
  await before;
  await tokens.find('a', async () => {
    asked += 1;
    return own;
  });
  assert.equal(asked, 1);
});
