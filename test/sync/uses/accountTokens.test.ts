import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Controller } from '../../../src/access/ports/controller.ts';
import { refuse, ScimError } from '../../../src/errors.ts';
import type { Practice } from '../../../src/practice/controller.ts';
import { makeToken, revokeOthers, tokensOf } from '../../../src/sync/uses/accountTokens.ts';
import { tokenInUse } from '../../../src/sync/uses/tokenInUse.ts';
import { ask, driver, practise, SERVICE, TOKEN } from '../../practice/stage.ts';
import { SimulatedTime } from '../../sim/time.ts';
import { passThrough } from '../passThrough.ts';

interface Here {
  readonly practice: Practice;
  readonly controller: Controller;
  readonly time: SimulatedTime;
  names(): Promise<string[]>;
  by(token: string): Promise<number>;
  /** From then on the service has this one in use. */
  use(token: string): void;
}

/** The account has the token of the driver, which was made long ago. */
async function here(t: TestContext): Promise<Here> {
  const time = new SimulatedTime();
  const practice = await practise({ clock: time });
  let secret = TOKEN;
  const controller = driver(practice, 10_000, () => secret);
  t.after(async () => {
    await controller.close();
    await practice.close();
  });
  await time.advance(86_400_000);
  return {
    practice,
    controller,
    time,
    names: async () => (await tokensOf(controller, SERVICE)).map(({ name }) => name).sort(),
    by: async (token) => (await ask(practice, 'GET', '/whoAmI/api/json', { secret: token })).status,
    use(token) {
      secret = token;
    },
  };
}

const code =
  (expected: string, said: RegExp = /./) =>
  (error: unknown) => {
    assert.ok(error instanceof ScimError, String(error));
    assert.equal(error.code, expected);
    assert.match(error.message, said);
    return true;
  };

test('a token that is made opens, until it is revoked', async (t) => {
  const { controller, names, by } = await here(t);
  const before = await names();
  const made = await makeToken(controller, SERVICE, 'next');
  assert.deepEqual(await names(), [...before, 'next'].sort());
  assert.equal(await by(made.value), 200);
  await controller.revokeToken(made.uuid);
  assert.deepEqual([await names(), await by(made.value)], [before, 401]);
});

test('a token whose answer was lost is revoked again', async (t) => {
  const { controller, names } = await here(t);
  const before = await names();
  const lost: Controller = {
    ...passThrough(controller),
    async createToken(name) {
      await controller.createToken(name);
      throw refuse('JEN_TIMEOUT', { controller: 'ci', seconds: 60 });
    },
  };
  await assert.rejects(makeToken(lost, SERVICE, 'next'), code('JEN_TIMEOUT'));
  assert.deepEqual(await names(), before);
  const mute: Controller = {
    ...lost,
    older: async () => {
      throw refuse('JEN_RESTARTING', { controller: 'ci' });
    },
  };
  await assert.rejects(makeToken(mute, SERVICE, 'next'), code('CTL_TOKEN_LEFT', /called next .*did not answer/));
  assert.deepEqual(await names(), [...before, 'next'].sort());
  const { known } = await controller.older([SERVICE]);
  const many: Controller = {
    ...lost,
    older: async () => ({ known: [{ ...known[0]!, tokens: [], tokenCount: 60 }], rest: [] }),
  };
  await assert.rejects(
    makeToken(many, SERVICE, 'third'),
    code('CTL_TOKEN_LEFT', /called third /),
    'more than are listed',
  );
});

test('a revocation that Jenkins did not carry out is none, whatever it answered', async (t) => {
  const { controller, names } = await here(t);
  const before = await names();
  const unheard: Controller = {
    ...passThrough(controller),
    async createToken(name) {
      await controller.createToken(name);
      throw refuse('JEN_TIMEOUT', { controller: 'ci', seconds: 60 });
    },
    // An empty 200 of a realm that let nothing through (jenkins-verified.md, oic-auth 3).
    revokeToken: async () => {},
  };
  await assert.rejects(makeToken(unheard, SERVICE, 'next'), code('CTL_TOKEN_LEFT', /called next /));
  assert.deepEqual(await names(), [...before, 'next'].sort());
});

test('the one in use is told by its count, also while somebody uses another one now and then', async (t) => {
  const { practice, controller, by } = await here(t);
  const other = practice.hands.mintToken(SERVICE, 'other');
  const own = (await tokensOf(controller, SERVICE)).find(({ name }) => name !== 'other')!;
  assert.equal(await tokenInUse(controller, SERVICE), own.uuid);
  let looks = 0;
  const busy = (until: number): Controller => ({
    ...passThrough(controller),
    async uses() {
      looks++;
      if (looks <= until) await by(other);
      return controller.uses();
    },
  });
  assert.equal(await tokenInUse(busy(3), SERVICE), own.uuid);
  assert.equal(looks, 4);
  await assert.rejects(tokenInUse(busy(Number.POSITIVE_INFINITY), SERVICE), code('CTL_TOKEN_UNTOLD', /another one/));
  practice.hands.countUses(false);
  await assert.rejects(tokenInUse(controller, SERVICE), code('CTL_TOKEN_UNTOLD', /does not count/));
});

test('where a password opens, no token is in use', async (t) => {
  const { controller } = await here(t);
  const still: Controller = {
    ...passThrough(controller),
    uses: async () => ({ counted: true, tokens: [{ uuid: 'a', uses: 3 }] }),
  };
  await assert.rejects(tokenInUse(still, SERVICE), code('CTL_TOKEN_UNTOLD', /is it a password/));
});

test('all others go, whoever made them, and what stays is read back', async (t) => {
  const { practice, controller, time, names, by, use } = await here(t);
  const theirs = practice.hands.mintToken(SERVICE, 'theirs');
  const legacy = practice.hands.legacyToken(SERVICE);
  await time.advance(1_000);
  const made = await makeToken(controller, SERVICE, 'next');
  use(made.value);
  const kept: Controller = { ...passThrough(controller), revokeToken: async () => {} };
  const { left } = await revokeOthers(kept, SERVICE, { force: false });
  assert.deepEqual([left.length, (await names()).length], [3, 4]);
  const done = await revokeOthers(controller, SERVICE, { force: false });
  assert.deepEqual([done.inUse, done.revoked.length, done.left], [made.uuid, 3, []]);
  assert.deepEqual(await names(), ['next']);
  for (const old of [TOKEN, theirs, legacy]) assert.equal(await by(old), 401);
  assert.equal(await by(made.value), 200);
  await practice.hands.restart();
  assert.deepEqual([await names(), await by(legacy)], [['next'], 401]);
  assert.deepEqual(await revokeOthers(controller, SERVICE, { force: false }), {
    ...{ inUse: made.uuid, revoked: [], left: [] },
  });
});

test('what is newer than the one in use, or was used a moment ago, goes only by force', async (t) => {
  const { practice, controller, time, names, by } = await here(t);
  const before = await names();
  const newer = practice.hands.mintToken(SERVICE, 'newer');
  await assert.rejects(revokeOthers(controller, SERVICE, { force: false }), code('CTL_TOKEN_NEWER', /\(newer\)/));
  assert.equal(await by(newer), 200);
  assert.deepEqual((await revokeOthers(controller, SERVICE, { force: true })).revoked.length, 1);
  assert.deepEqual(await names(), before);

  // One that is older than the one in use, and whose last use is `ago` milliseconds away.
  const used = async (ago: number | undefined) => {
    const { known } = await controller.older([SERVICE]);
    const [own] = known[0]!.tokens;
    const lastUse = ago === undefined ? {} : { lastUse: time.now() - ago };
    const other = { uuid: 'other', name: 'other', legacy: false, created: 0, ...lastUse };
    const gone: string[] = [];
    const asked: Controller = {
      ...passThrough(controller),
      uses: () => controller.uses(),
      older: async () => ({
        known: [{ ...known[0]!, tokens: gone.length > 0 ? [own!] : [{ ...own!, lastUse: time.now() }, other] }],
        rest: [],
      }),
      revokeToken: async (uuid) => void gone.push(uuid),
    };
    await revokeOthers(asked, SERVICE, { force: false });
    return gone;
  };
  await assert.rejects(used(0), code('CTL_TOKEN_USED', /other \(other\)/));
  await assert.rejects(used(299_999), code('CTL_TOKEN_USED'));
  assert.deepEqual([await used(300_000), await used(undefined)], [['other'], ['other']]);
});

test('an account whose record cannot be read, or with more tokens than are listed, is told', async (t) => {
  const { controller } = await here(t);
  const { known } = await controller.older([SERVICE]);
  const told = (change: object): Controller => ({
    ...passThrough(controller),
    older: async () => ({ known: [{ ...known[0]!, ...change }], rest: [] }),
  });
  await assert.rejects(tokensOf(told({ error: 'broken' }), SERVICE), code('JEN_ANSWER', /cannot be read: broken/));
  await assert.rejects(
    revokeOthers(told({ tokens: [] }), SERVICE, { force: true }),
    code('CTL_TOKEN_UNTOLD', /listed/),
  );
});
