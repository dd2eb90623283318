import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HttpFailure } from '../../src/access/ports/http.ts';
import { type Fake, fake, type Sent, type Told, whoAmI } from './fakeController.ts';
import { NOBODY } from './nobody.ts';

const person = (id: string, over = {}) => ({
  id,
  record: null,
  signedIn: false,
  marks: null,
  error: null,
  ...NOBODY,
  ...over,
});
const result = (id: string, over = {}) => ({
  id,
  steps: [{ kind: 'revoke-tokens', at: 5, done: true, count: 1, reason: null }],
  missing: [],
  after: person(id),
  error: null,
  ...over,
});
const ids = (parameters: Record<string, unknown>) => parameters.ids as string[];
const orders = (parameters: Record<string, unknown>) =>
  (parameters.orders as { id: string }[]).map((order) => order.id);
const order = (id: string) => ({ id, steps: ['revoke-tokens'] as const, entries: 'all' as const });
const cut = (here: Fake, ...people: string[]) => here.settle(here.controller.cut(7, people.map(order)));

describe('people', () => {
  test('long ids are asked about in several scripts, each below a megabyte', async () => {
    const asked: number[] = [];
    const here = fake({
      script: ({ parameters }) => {
        asked.push(Buffer.byteLength(JSON.stringify(parameters)));
        return { result: { people: ids(parameters).map((id) => person(id)), rest: [] } };
      },
    });
    const long = Array.from({ length: 1000 }, (_, at) => `${'漢'.repeat(240)}${at}`);
    const states = await here.settle(here.controller.people(long));
    assert.deepEqual(
      states.map(({ id }) => id),
      long,
    );
    assert.ok(asked.length > 1 && Math.max(...asked) < 600_000, `${asked.join()}`);
  });

  test('leavers with very many entries go in several scripts, each below a megabyte', async () => {
    const here = fake({
      script: ({ parameters }) => ({
        result: {
          ...{ outcome: 'done', rest: [], saves: 1, remoteTriggers: { count: 0, jobs: [], whole: true } },
          results: orders(parameters).map((id) => result(id)),
        },
      }),
    });
    const names = Array.from({ length: 60 }, (_, at) => `ana${at}`);
    const entries = (id: string) =>
      Array.from({ length: 120 }, (_, at) => ({
        role: { type: 'item' as const, name: `${'漢'.repeat(40)}${at}` },
        principal: { type: 'user' as const, id },
      }));
    const cut = here.controller.cut(
      7,
      names.map((id) => ({ id, steps: ['remove-entries'] as const, entries: entries(id) })),
    );
    const { outcome, results } = await here.settle(cut);
    assert.equal(outcome, 'done');
    assert.deepEqual(
      results.map(({ id }) => id),
      names,
    );
    const bodies = here.requests.map(({ body }) => Buffer.byteLength(body ?? ''));
    assert.ok(Math.max(...bodies) < 1_000_000, `${bodies.join()}`);
  });

  test('nulls of the script are absent values of the port', async () => {
    const told = person('ana', {
      record: 'Ana',
      tokens: [
        { uuid: 'u1', name: 'ci', legacy: false, lastUse: 12 },
        { uuid: 'u2', name: 'old', legacy: true, lastUse: null },
      ],
      entries: [{ type: 'global', role: 'admin', entry: 'eANA' }],
    });
    const odd = person('odd', { record: 'odd', error: 'X: broken' });
    const here = fake({ script: () => ({ result: { people: [told, person('ben'), odd], rest: [] } }) });
    const [ana, ben, unread] = await here.settle(here.controller.people(['ana', 'ben', 'odd']));
    assert.deepEqual([ana!.error, 'error' in ben!, unread!.error], [undefined, false, 'X: broken']);
    assert.equal(ana!.record, 'Ana');
    assert.deepEqual(ana!.tokens, [
      { uuid: 'u1', name: 'ci', legacy: false, lastUse: 12 },
      { uuid: 'u2', name: 'old', legacy: true },
    ]);
    assert.deepEqual(ana!.entries, [{ type: 'global', role: 'admin', principal: { type: 'either', id: 'ANA' } }]);
    assert.equal('record' in ben!, false);
  });

  test('what a script did not reach is asked again', async () => {
    const here = fake({
      script: ({ parameters }) => ({
        result: {
          people: ids(parameters)
            .slice(0, 2)
            .map((id) => person(id)),
          rest: ids(parameters).slice(2),
        },
      }),
    });
    const states = await here.settle(here.controller.people(['a', 'b', 'c', 'd', 'e']));
    assert.deepEqual(
      states.map((state) => state.id),
      ['a', 'b', 'c', 'd', 'e'],
    );
    assert.equal(here.sent.length, 3);
  });

  test('nobody asked for needs no call', async () => {
    const here = fake({ script: () => assert.fail() });
    assert.deepEqual(await here.controller.people([]), []);
    assert.deepEqual(await here.controller.cut(1, []), { outcome: 'done', results: [] });
    assert.equal(here.requests.length, 0);
  });

  test('other people than those asked for, or none, are refused', async () => {
    for (const [people, rest] of [
      [[person('mallory')], ['b']],
      [[], ['a', 'b']],
      [[person('a')], []],
      [[person('b'), person('a')], []],
    ]) {
      const here = fake({ script: () => ({ result: { people, rest } }) });
      await assert.rejects(here.settle(here.controller.people(['a', 'b'])), { code: 'JEN_ANSWER' });
    }
  });

  test('an inventory goes on from page to page, and not round in a circle', async () => {
    const pages: Record<string, Told> = {
      null: { result: { people: [person('a')], next: 'a' } },
      '"a"': { result: { people: [person('b')], next: 'b' } },
      '"b"': { result: { people: [person('c')], next: null } },
    };
    const here = fake({ script: ({ parameters }) => pages[JSON.stringify(parameters.after)]! });
    assert.equal((await here.settle(here.controller.inventory())).length, 3);
    const circle = fake({ script: () => ({ result: { people: [person('a')], next: 'a' } }) });
    await assert.rejects(circle.settle(circle.controller.inventory()), { code: 'JEN_ANSWER' });
  });

  test('a page of an inventory that no script of ours makes is refused', async () => {
    const many = Array.from({ length: 1_001 }, (_, at) => person(String(at).padStart(4, '0')));
    for (const [people, next] of [
      [[person('b'), person('a')], null],
      [[person('a'), person('a')], null],
      [[person('a')], 'b'],
      [[], 'b'],
      [many, null],
    ]) {
      const here = fake({ script: () => ({ result: { people, next } }) });
      await assert.rejects(here.settle(here.controller.inventory()), { code: 'JEN_ANSWER' });
    }
  });

  test('an inventory that never ends is refused', async () => {
    let pages = 0;
    const here = fake({
      script() {
        const id = String(pages++).padStart(9, '0');
        return { result: { people: [person(id)], next: id } };
      },
    });
    await assert.rejects(here.settle(here.controller.inventory()), {
      code: 'JEN_ANSWER',
      message: /more people than there can be/,
    });
    assert.equal(pages, 8_000);
  });

  test('short pages of a slow controller are read to the end', async () => {
    let pages = 0;
    const here = fake({
      script() {
        const id = String(pages++).padStart(9, '0');
        return { result: { people: [person(id)], next: pages === 2_500 ? null : id } };
      },
    });
    assert.equal((await here.settle(here.controller.inventory())).length, 2_500);
  });
});

describe('cutting', () => {
  const TRIGGERS = { count: 1, jobs: ['pay/api'], whole: true };
  const reached =
    (most: number) =>
    ({ parameters }: { parameters: Record<string, unknown> }): Told => {
      const all = orders(parameters);
      const results = all.slice(0, most).map((id) => result(id));
      return { result: { outcome: 'done', results, rest: all.slice(most), saves: 1, remoteTriggers: TRIGGERS } };
    };

  test('goes on with those a script did not begin', async () => {
    const here = fake({ script: reached(2) });
    const outcome = await cut(here, 'a', 'b', 'c');
    assert.equal(outcome.outcome, 'done');
    assert.deepEqual(outcome.remoteTriggers, TRIGGERS);
    assert.deepEqual(outcome.results[2], {
      id: 'c',
      steps: [{ kind: 'revoke-tokens', at: 5, done: true, count: 1 }],
      missing: [],
      after: outcome.results[2]!.after,
    });
    assert.deepEqual(
      here.sent.map((one) => orders(one.parameters)),
      [['a', 'b', 'c'], ['c']],
    );
  });

  test('where its clock is off, the steps are told by ours', async () => {
    for (const ahead of [-7_200_000, 7_200_000]) {
      let sent = 0;
      const here = fake({
        ahead,
        script: () => {
          sent = here.time.now();
          const steps = [{ kind: 'revoke-tokens', at: sent + ahead - 30, done: true, count: 1, reason: null }];
          const results = [result('a', { steps })];
          return { result: { outcome: 'done', results, rest: [], saves: 1, remoteTriggers: TRIGGERS } };
        },
      });
      const { results } = await cut(here, 'a');
      assert.equal(results[0]!.steps[0]!.at, sent - 30);
    }
  });

  test('entries listed go as words, all of them as null', async () => {
    const here = fake({ script: reached(9) });
    const role = { type: 'item', name: 'dev' } as const;
    const principal = { type: 'user', id: 'Ana' } as const;
    await here.settle(
      here.controller.cut(7, [{ id: 'ana', steps: ['remove-entries'], entries: [{ role, principal }] }, order('ben')]),
    );
    assert.deepEqual(here.sent[0]!.parameters.orders, [
      { id: 'ana', steps: ['remove-entries'], entries: [{ type: 'item', role: 'dev', entry: 'uAna' }] },
      { id: 'ben', steps: ['revoke-tokens'], entries: null },
    ]);
  });

  test('a lower fence is told', async () => {
    const here = fake({ script: () => ({ result: { outcome: 'fenced', reason: 'fence' } }) });
    assert.deepEqual(await cut(here, 'a'), { outcome: 'fenced', results: [], reason: 'fence' });
  });

  test('no answer is unknown, with the results there were', async () => {
    const here = fake({
      script: (sent, nth) => (nth === 1 ? reached(1)(sent) : new HttpFailure('timeout', true, 'x')),
    });
    const outcome = await cut(here, 'a', 'b');
    assert.equal(outcome.outcome, 'unknown');
    assert.deepEqual(
      outcome.results.map((one) => one.id),
      ['a'],
    );
  });

  test('not sent at all is an error', async () => {
    const here = fake({ script: () => new HttpFailure('dns', false, 'ENOTFOUND') });
    await assert.rejects(cut(here, 'a'), { code: 'JEN_UNREACHABLE' });
  });

  test('a restart meanwhile, or another identity afterwards, is unknown', async () => {
    const restarted = fake({ who: (nth) => whoAmI('svc', `s${nth}`), script: reached(9) });
    assert.equal((await cut(restarted, 'a')).outcome, 'unknown');
    const other = fake({ who: (nth) => whoAmI(nth === 1 ? 'svc' : 'other'), script: reached(9) });
    assert.equal((await cut(other, 'a')).outcome, 'unknown');
  });

  const told = (results: readonly unknown[], rest: readonly string[] = []): Told => ({
    result: { outcome: 'done', results, rest, saves: 0, remoteTriggers: TRIGGERS },
  });
  /** What a script says that threw. */
  const threw =
    (touched: boolean) =>
    ({ sentinel }: Sent): Told => ({
      status: 200,
      headers: {},
      body: `${sentinel}${JSON.stringify({ ok: false, error: 'boom', touched })}\n`,
    });

  test('results of other people, in whatever place, of too few or too many are not believed', async () => {
    const lies: readonly Told[] = [
      told([result('b'), result('a')]),
      told([result('a'), result('c')]),
      told([result('a')]),
      told([result('a'), result('b'), result('c')]),
      told([], ['a', 'b']),
      told([result('a'), result('b')], ['b']),
    ];
    for (const lie of lies) {
      const { outcome, results } = await cut(fake({ script: () => lie }), 'a', 'b');
      assert.deepEqual([outcome, results], ['unknown', []], JSON.stringify(lie));
    }
  });

  test('what went wrong with one person, what a step counted and why it did not go, is told as it is', async () => {
    const failed = { kind: 'revoke-tokens', at: 5, done: false, count: null, reason: 'busy' };
    const script = () =>
      told([result('a', { steps: [failed], error: 'boom', missing: ['end-sessions'] }), result('b')]);
    const { results } = await cut(fake({ script }), 'a', 'b');
    assert.deepEqual(
      results.map(({ after: _, ...rest }) => rest),
      [
        {
          ...{ id: 'a', missing: ['end-sessions'], error: 'boom' },
          steps: [{ kind: 'revoke-tokens', at: 5, done: false, reason: 'busy' }],
        },
        { id: 'b', missing: [], steps: [{ kind: 'revoke-tokens', at: 5, done: true, count: 1 }] },
      ],
    );
  });

  test('a script that threw before it touched anything is an error, any other is unknown', async () => {
    await assert.rejects(cut(fake({ script: threw(false) }), 'a'), { code: 'JEN_SCRIPT' });
    const touched = await cut(fake({ script: threw(true) }), 'a');
    assert.deepEqual(touched, { outcome: 'unknown', results: [], reason: 'boom' });
    const later = fake({ script: (sent, nth) => (nth === 1 ? reached(1)(sent) : threw(false)(sent)) });
    const { outcome, results, remoteTriggers } = await cut(later, 'a', 'b');
    assert.deepEqual([outcome, results.map(({ id }) => id), remoteTriggers], ['unknown', ['a'], TRIGGERS]);
  });

  test('one that was not sent after another one went is unknown', async () => {
    const script = (sent: Sent, nth: number) =>
      nth === 1 ? reached(1)(sent) : new HttpFailure('dns', false, 'ENOTFOUND');
    const { outcome, results } = await cut(fake({ script }), 'a', 'b');
    assert.deepEqual([outcome, results.map(({ id }) => id)], ['unknown', ['a']]);
  });

  test('results of another run of the controller are not believed', async () => {
    const { outcome, results } = await cut(fake({ session: 's2', script: reached(9) }), 'a');
    assert.deepEqual([outcome, results], ['unknown', []]);
  });

  test('a controller that does not tell its session is believed', async () => {
    const { headers: _, ...silent } = whoAmI();
    const here = fake({ who: () => ({ ...silent, headers: {} }), script: reached(9) });
    assert.equal((await cut(here, 'a')).outcome, 'done');
    const once = fake({ who: (nth) => (nth === 1 ? { ...silent, headers: {} } : whoAmI()), script: reached(9) });
    assert.equal((await cut(once, 'a')).outcome, 'done');
  });

  test('a hundred people go in one script, with what is taken again and how long triggers are looked for', async () => {
    const here = fake({ script: reached(999) });
    const again = { ...order('p0'), steps: ['second-cut'] as const, again: ['revoke-tokens'] as const };
    const others = Array.from({ length: 100 }, (_, at) => order(`p${at + 1}`));
    const { results } = await here.settle(here.controller.cut(7, [again, ...others]));
    assert.equal(results.length, 101);
    assert.deepEqual(
      here.sent.map(({ parameters }) => orders(parameters).length),
      [100, 1],
    );
    const [{ parameters }] = here.sent as [Sent];
    assert.deepEqual((parameters.orders as unknown[])[0], {
      ...{ id: 'p0', steps: ['second-cut'], entries: null },
      again: ['revoke-tokens'],
    });
    assert.ok((parameters.triggerBudget as number) > 0 && (parameters.shownTriggers as number) > 0);
  });
});
