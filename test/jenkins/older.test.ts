import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HttpFailure } from '../../src/access/ports/http.ts';
import { olderAsked } from '../../src/practice/scripts/older.ts';
import { Home } from '../../src/practice/state/home.ts';
import { NO_ROLES } from '../../src/practice/state/strategy.ts';
import { seededRandom } from '../sim/time.ts';
import { type Fake, fake } from './fakeController.ts';

const held = (id: string, over = {}) => ({
  ...{ id, record: id, tokens: [], tokenCount: 0, sshKeys: [], sshKeyCount: 0 },
  ...{ sshSessions: 0, password: false, credentials: 0, error: null, ...over },
});
const idsOf = ({ parameters }: Fake['sent'][number]) => parameters.ids as string[];
const told = (known: unknown[], rest: string[] = []) => ({ script: () => ({ result: { known, rest } }) });

describe('what ids hold', () => {
  test('nulls of the script are absent values of the port', async () => {
    const tokens = [
      { uuid: 'u1', name: 'ci', legacy: false, created: 5, lastUse: 12 },
      { uuid: 'u2', name: 'old', legacy: true, created: null, lastUse: null },
    ];
    const sshKeys = [
      { type: 'ssh-rsa', fingerprint: 'SHA256:x' },
      { type: '', fingerprint: null },
    ];
    const here = fake(told([held('ana', { tokens, tokenCount: 2, sshKeys, sshKeyCount: 2, error: 'odd' })]));
    assert.deepEqual(await here.settle(here.controller.older(['ana', 'ben'])), {
      known: [
        {
          ...{ id: 'ana', record: 'ana', tokenCount: 2, sshKeyCount: 2, sshSessions: 0, password: false },
          ...{ credentials: 0, error: 'odd' },
          tokens: [tokens[0], { uuid: 'u2', name: 'old', legacy: true }],
          sshKeys: [sshKeys[0], { type: '' }],
        },
      ],
      rest: [],
    });
  });

  test('one script a call: what it did not reach, and what did not fit, is the rest in its order', async () => {
    const here = fake({
      script: (sent) => ({ result: { known: [], rest: idsOf(sent).slice(7) } }),
    });
    const ids = Array.from({ length: 10_020 }, (_, at) => `p${at}`);
    const { rest } = await here.settle(here.controller.older(ids));
    assert.equal(here.sent.length, 1);
    assert.deepEqual(
      here.sent.map((one) => idsOf(one).length),
      [10_000],
    );
    assert.deepEqual(rest, ids.slice(7));
  });

  test('ids of a first sync of ten thousand are one script; long ones are as many as fit, one at least', async () => {
    const sizes: number[] = [];
    const here = fake({
      script: (sent) => {
        sizes.push(idsOf(sent).length);
        return { result: { known: [], rest: [] } };
      },
    });
    await here.settle(
      here.controller.older(Array.from({ length: 10_000 }, (_, at) => `somebody.person-${at}@corp.test`)),
    );
    await here.settle(here.controller.older(Array.from({ length: 5 }, () => 'x'.repeat(140_000))));
    await here.settle(here.controller.older(['x'.repeat(600_000), 'y']));
    await here.settle(here.controller.older(Array.from({ length: 5 }, () => '\u65e5'.repeat(50_000))));
    assert.deepEqual(sizes, [10_000, 4, 1, 3]);
    assert.ok(here.requests.every(({ body }) => (body ?? '').length < 1_000_000));
  });

  test('nobody asked for needs no call', async () => {
    const here = fake({ script: () => assert.fail() });
    assert.deepEqual(await here.controller.older([]), { known: [], rest: [] });
    assert.equal(here.requests.length, 0);
  });

  test('others than those asked for, none reached, and a rest that is another one are refused', async () => {
    const wrong: readonly (readonly [unknown[], string[]])[] = [
      [[held('mallory')], []],
      [[], ['a', 'b']],
      [[held('b')], ['b']],
      [[], ['a']],
      [[], ['b', 'b', 'b']],
    ];
    for (const [known, rest] of wrong) {
      const here = fake(told(known, rest));
      await assert.rejects(here.settle(here.controller.older(['a', 'b'])), { code: 'JEN_ANSWER' });
    }
  });

  test('no answer is an error: it is asked again another time', async () => {
    const here = fake({ script: () => new HttpFailure('dns', false, 'ENOTFOUND') });
    await assert.rejects(here.settle(here.controller.older(['a'])), { code: 'JEN_UNREACHABLE' });
  });
});

/** A home with so many tokens by id. */
function homeOf(tokens: Readonly<Record<string, number>>): Home {
  const home = new Home(
    { strategy: NO_ROLES, people: new Map(), jobs: [], userIds: 'case-insensitive' },
    seededRandom(),
    [],
    () => 7,
  );
  for (const [id, count] of Object.entries(tokens)) {
    const made = Array.from({ length: count }, (_, at) => ({
      ...{ uuid: `${id}-${at}`, name: `t${at}`, value: `secret-${at}`, legacy: false, created: 7 },
    }));
    home.people.put({ ...home.people.need(id), tokens: made });
  }
  return home;
}

test('asked until nothing is left, everybody with a record is told of once, in the order asked, whatever the bounds', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const population = fc.dictionary(fc.constantFrom(...names), fc.nat({ max: 5 }));
  const order = fc.uniqueArray(fc.constantFrom(...names, 'nobody', 'no one'));
  fc.assert(
    fc.property(
      population,
      order,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 8 }),
      (tokens, ids, shown, named) => {
        const home = homeOf(tokens);
        const before = home.people.all().map(({ id }) => id);
        const found: (readonly [string, number, number])[] = [];
        for (let left: readonly string[] = ids; left.length > 0; ) {
          const { known, rest } = olderAsked(home, { ids: left, shown, named });
          assert.ok(rest.length < left.length);
          assert.deepEqual(rest, left.slice(left.length - rest.length));
          for (const { id, tokens: some, tokenCount } of known) found.push([id, some.length, tokenCount]);
          assert.doesNotMatch(JSON.stringify(known), /secret/);
          left = rest;
        }
        const wanted = ids
          .filter((id) => Object.hasOwn(tokens, id))
          .map((id) => [id, Math.min(shown, tokens[id]!), tokens[id]!]);
        assert.deepEqual(found, wanted);
        assert.deepEqual(
          home.people.all().map(({ id }) => id),
          before,
        );
      },
    ),
  );
});
