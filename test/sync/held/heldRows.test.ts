import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { stepDigest } from '../../../src/plan/digest.ts';
import { heldGroups } from '../../../src/plan/guard/group.ts';
import type { Step } from '../../../src/plan/step.ts';
import type { DebtsTable, HeldTable } from '../../../src/store/tables/sync.ts';
import { spendReleases, storeHeld } from '../../../src/sync/held/heldSteps.ts';
import { openTestStore } from '../../store/open.ts';

const AT = '2026-11-28T08:00:00.000Z';
const LATER = '2026-11-28T09:00:00.000Z';

function grant(person: string): Step {
  const principal = { type: 'user', id: person } as const;
  const role = { type: 'global', name: 'administrator' } as const;
  return { kind: 'grant', role, principal, person, reasons: [], cause: 'gain', administrative: true };
}

const create: Step = {
  ...{ kind: 'create-role', reasons: [], cause: 'gain', administrative: false },
  role: { type: 'global', name: 'new', permissions: [] },
} as unknown as Step;

type Held = { readonly step: Step; readonly ceiling: string; readonly reason: string };

const held = (step: Step, ceiling = 'gains.administrators', reason = 'too many'): Held => ({ step, ceiling, reason });

interface Judged {
  readonly held?: readonly Held[];
  readonly go?: readonly Step[];
  /** Wanted all the same. */
  readonly planned?: readonly Step[];
  readonly whom?: 'all' | ReadonlySet<string>;
  readonly except?: ReadonlySet<string>;
  /** What was read before the judgement, where that is not what is stored now. */
  readonly read?: readonly HeldTable[];
  /** Of `go`, what was done; all of it. */
  readonly done?: readonly Step[];
  readonly debts?: readonly Pick<DebtsTable, 'state' | 'cause' | 'person'>[];
  /** Rejected by no record. */
  readonly unsaid?: readonly Step[];
}

async function world(t: TestContext) {
  const store = await openTestStore(t);
  const rows = (controller = 'ci') =>
    store.read((db) =>
      db.selectFrom('held').selectAll().where('controller', '=', controller).orderBy('step').execute(),
    );
  const assessed = async ({
    held: waits = [],
    go = [],
    planned = [],
    whom = 'all',
    except,
    read,
    debts = [],
    unsaid = [],
  }: Judged) =>
    ({
      controller: { name: 'ci' },
      plan: { steps: [...planned, ...go, ...waits.map(({ step }) => step)] },
      situation: { held: read ?? (await rows()), debts, whom, except: except ?? new Set() },
      verdict: { held: waits, go },
      unsaid: new Set(unsaid.map(stepDigest)),
    }) as never;
  const judge = async (judged: Judged, at = AT) => {
    const known = await assessed(judged);
    return store.write(({ db }) => storeHeld(db, known, at));
  };
  const spend = async (judged: Judged) => spendReleases(store, await assessed(judged), judged.done);
  const set = (step: Step, change: Partial<HeldTable>) =>
    store.write(({ db }) =>
      db
        .updateTable('held')
        .set(change)
        .where('step_key', '=', stepDigest(step))
        .where('controller', '=', 'ci')
        .execute(),
    );
  /** The same row of another controller. */
  const elsewhere = async () => {
    const [row] = await rows();
    await store.write(({ db }) =>
      db
        .insertInto('held')
        .values({ ...row!, controller: 'other' })
        .execute(),
    );
  };
  /** `person state`, by person. */
  const states = async (controller?: string) =>
    (await rows(controller)).map((row) => `${(JSON.parse(row.step) as Step).person ?? 'nobody'} ${row.state}`).sort();
  return { store, rows, judge, spend, set, elsewhere, states };
}

test('what waits is told once, by ceiling, and again where it waits for another reason', async (t) => {
  const { judge } = await world(t);
  const [ana, bo] = [grant('ana'), grant('bo')];
  const told = (newly: Awaited<ReturnType<typeof judge>>) =>
    newly.map(({ ceiling, reason, steps }) => `${ceiling} (${reason}): ${steps.map(({ person }) => person)}`);
  assert.deepEqual(told(await judge({ held: [held(ana), held(bo), held(create, 'gains.createRoles', 'many')] })), [
    'gains.administrators (too many): ana,bo',
    'gains.createRoles (many): ',
  ]);
  assert.deepEqual(told(await judge({ held: [held(ana), held(bo)] })), []);
  assert.deepEqual(told(await judge({ held: [held(ana, 'compromised', 'stolen'), held(bo)] })), [
    'compromised (stolen): ana',
  ]);
  // What is judged anew each time waits for nobody.
  assert.deepEqual(told(await judge({ held: [held(ana, 'disk'), held(bo, 'mode')] })), []);
});

test('what was said first stays while it waits under the same ceiling, and the instant whatever the ceiling', async (t) => {
  const { judge, rows } = await world(t);
  const shown = async () => (await rows()).map(({ ceiling, reason, since }) => `${ceiling} ${reason} ${since}`);
  await judge({ held: [held(grant('ana'))] });
  await judge({ held: [held(grant('ana'), 'gains.administrators', 'it was held before')] }, LATER);
  assert.deepEqual(await shown(), [`gains.administrators too many ${AT}`]);
  await judge({ held: [held(grant('ana'), 'compromised', 'stolen')] }, LATER);
  assert.deepEqual(await shown(), [`compromised stolen ${AT}`]);
});

test('all that waits under one ceiling has one digest, also when a pass over few people adds to it or takes from it', async (t) => {
  const { judge, rows, elsewhere } = await world(t);
  const digests = async () =>
    new Map((await rows()).map((row) => [(JSON.parse(row.step) as Step).person!, row.digest]));
  const all = [grant('ana'), grant('bo'), grant('cy')];
  await judge({ held: all.map((step) => held(step)) });
  const three = (await digests()).get('ana');
  await elsewhere();
  assert.equal(new Set((await digests()).values()).size, 1);
  await judge({ whom: new Set(['cy']) });
  const two = await digests();
  assert.equal(new Set(two.values()).size, 1);
  assert.notEqual(two.get('ana'), three);
  await judge({ whom: new Set(['cy']), held: [held(grant('cy'))] });
  assert.deepEqual([...new Set((await digests()).values())], [three]);
  await judge({ whom: new Set(['cy']), held: [held(grant('cy'), 'compromised')] });
  assert.deepEqual([(await digests()).get('ana'), (await digests()).get('bo')], [two.get('ana'), two.get('bo')]);
  assert.notEqual((await digests()).get('cy'), two.get('ana'));
  assert.deepEqual(
    (await rows('other')).map(({ digest }) => digest),
    [three],
  );
});

test('who is not looked at goes on waiting; what is of nobody is judged with everybody only', async (t) => {
  const { judge, states, elsewhere } = await world(t);
  await judge({ held: [held(grant('ana')), held(grant('bo')), held(create)] });
  await elsewhere();
  const away = await states('other');
  await judge({ whom: new Set(['ana']) });
  assert.deepEqual(await states(), ['bo held', 'nobody held']);
  await judge({ except: new Set(['bo']) });
  assert.deepEqual(await states(), ['bo held']);
  await judge({});
  assert.deepEqual(await states(), []);
  assert.deepEqual(await states('other'), away);
});

test('who does not wait any more counts against no ceiling, and others do', async (t) => {
  const { store, judge } = await world(t);
  await judge({ held: [held(grant('ana')), held(grant('bo'))] });
  const event = { at_ms: 1, connection: null, kind: 'grant-gained' as const, administrative: 1 as const };
  const events = [
    { controller: 'ci', person: 'ana', state: 'held' as const },
    { controller: 'ci', person: 'ana', state: 'applied' as const },
    { controller: 'ci', person: 'bo', state: 'held' as const },
    { controller: 'ci', person: null, state: 'held' as const },
    { controller: 'other', person: 'ana', state: 'held' as const },
  ];
  await store.write(({ db }) =>
    db
      .insertInto('guard_events')
      .values(events.map((one, at) => ({ ...event, ...one, id: String(at), key: String(at) })))
      .execute(),
  );
  const left = async () => {
    const rows = await store.read((db) => db.selectFrom('guard_events').select('id').orderBy('id').execute());
    return rows.map(({ id }) => id);
  };
  await judge({ whom: new Set(['ana']) });
  assert.deepEqual(await left(), ['1', '2', '3', '4']);
  await judge({ held: [held(grant('bo')), held(create, 'gains.createRoles')] });
  await judge({ held: [held(grant('bo'))] });
  assert.deepEqual(await left(), ['1', '2', '4']);
});

test('a release holds until the step is done or not wanted any more, whatever it waits for until then', async (t) => {
  const { judge, spend, set, states, elsewhere, rows } = await world(t);
  const ana = grant('ana');
  await judge({ held: [held(ana)] });
  await elsewhere();
  await set(ana, { state: 'released' });
  await judge({ planned: [ana] });
  assert.deepEqual(await states(), ['ana released']);
  const released = await rows();
  assert.deepEqual(await judge({ held: [held(ana, 'disk')] }), []);
  assert.deepEqual(await rows(), released);
  await spend({ go: [grant('bo')] });
  assert.deepEqual(await states(), ['ana released']);
  await spend({ go: [ana] });
  assert.deepEqual(await states(), []);
  await judge({ held: [held(ana)] });
  await set(ana, { state: 'released' });
  await judge({});
  assert.deepEqual(await states(), []);
  assert.deepEqual(await states('other'), ['ana held']);
});

test('a release of what no release lets through is none: it waits as it did, and is listed', async (t) => {
  const { judge, set, states, rows } = await world(t);
  const [ana, bo] = [grant('ana'), grant('bo')];
  const both = [held(ana, 'clock'), held(bo, 'clock')];
  await judge({ held: both });
  const before = await rows();
  for (const step of [ana, bo]) await set(step, { state: 'released' });
  const read = await rows();
  assert.deepEqual(await judge({ held: both.slice(0, 1), whom: new Set(['ana']) }), []);
  assert.deepEqual(await states(), ['ana held', 'bo released']);
  assert.deepEqual(await judge({ held: both }), []);
  assert.deepEqual(await rows(), before);
  await set(ana, { state: 'rejected' });
  await judge({ held: both, read });
  assert.deepEqual(await states(), ['ana rejected', 'bo held'], 'rejected while the pass was judging');
});

test('a release that is none is listed under the digest of all that waits, also by a pass over few people', async (t) => {
  const { rows, judge, set, states } = await world(t);
  const all = [grant('ana'), grant('bo'), grant('cy')];
  await judge({ held: all.map((step) => held(step)) });
  const [known] = await rows();
  await set(grant('cy'), { state: 'released', digest: 'altered' });
  await judge({ whom: new Set(['cy']), held: [held(grant('cy'))] });
  assert.deepEqual(await states(), ['ana held', 'bo held', 'cy held']);
  assert.deepEqual(new Set((await rows()).map(({ digest }) => digest)), new Set([known!.digest]));
});

test('what goes waits no more, and who waited as a leaver and goes counts no more as held', async (t) => {
  const { store, judge, states } = await world(t);
  const [ana, bo] = [grant('ana'), grant('bo')];
  await judge({ held: [held(ana), held(bo)] });
  await judge({ held: [held(bo)], go: [ana] });
  assert.deepEqual(await states(), ['bo held']);
  const people = ['cy', 'dee', 'eve', 'fay', 'gil'];
  await store.write(({ db }) =>
    db
      .insertInto('guard_events')
      .values(
        people.map((person) => ({
          ...{ id: person, key: person, person, at_ms: 1, connection: 'okta', kind: 'disabled' as const },
          ...({ controller: 'ci', administrative: 0, state: 'held' } as const),
        })),
      )
      .execute(),
  );
  const cut = (person: string): Step =>
    ({
      ...{ kind: 'revoke-tokens', principal: { type: 'user', id: person }, person },
      ...{ reasons: [], cause: 'leaver', administrative: false },
    }) as never;
  await judge({
    go: [cut('cy'), cut('dee'), cut('eve'), grant('gil')],
    debts: [
      ...(['cy', 'fay', 'gil'] as const).map((person) => ({ person, state: 'held', cause: 'leaver' }) as const),
      { person: 'dee', state: 'open', cause: 'leaver' },
      { person: 'eve', state: 'held', cause: 'old-id' },
    ],
  });
  const left = await store.read((db) => db.selectFrom('guard_events').select('id').orderBy('id').execute());
  assert.deepEqual(
    left.map(({ id }) => id),
    ['dee', 'eve', 'fay', 'gil'],
  );
});

test('what nobody rejected waits again, also of whom nobody looks at; a rejection that a record tells of stands', async (t) => {
  const { judge, set, states } = await world(t);
  const all = ['ana', 'bo', 'cy'].map(grant);
  await judge({ held: all.map((step) => held(step)) });
  for (const step of all) await set(step, { state: 'rejected' });
  await judge({ whom: new Set(['ana']), held: [held(grant('ana'))], unsaid: [grant('ana'), grant('bo')] });
  assert.deepEqual(await states(), ['ana held', 'bo held', 'cy rejected']);
});

test('a release of one step of two people is spent when it was done for both, on that controller', async (t) => {
  const { judge, spend, set, states, elsewhere } = await world(t);
  const of = (person: string): Step => ({ ...grant('ana'), person });
  const [ana, bo] = [of('ana'), of('bo')];
  await judge({ held: [held(ana)] });
  await set(ana, { state: 'released' });
  await elsewhere();
  await spend({ go: [ana, bo], done: [ana] });
  assert.deepEqual(await states(), ['ana released']);
  await spend({ go: [ana, bo], done: [] });
  assert.deepEqual(await states(), ['ana released']);
  await spend({ go: [ana, bo] });
  assert.deepEqual(await states(), []);
  assert.deepEqual(await states('other'), ['ana released']);
});

test('only releases are spent', async (t) => {
  const { judge, spend, set, states, elsewhere } = await world(t);
  await judge({ held: [held(grant('ana')), held(grant('bo')), held(grant('cy'))] });
  await set(grant('ana'), { state: 'released' });
  await elsewhere();
  await set(grant('ana'), { state: 'held' });
  await set(grant('bo'), { state: 'released' });
  await set(grant('cy'), { state: 'rejected' });
  await spend({ go: [grant('ana'), grant('bo'), grant('cy')] });
  assert.deepEqual(await states(), ['ana held', 'cy rejected']);
  assert.deepEqual(await states('other'), ['ana released']);
});

test('a rejection stands while the step is wanted, also one that came while a pass was judging', async (t) => {
  const { judge, set, states, rows } = await world(t);
  const ana = grant('ana');
  await judge({ held: [held(ana)] });
  const read = await rows();
  await set(ana, { state: 'rejected' });
  assert.deepEqual(await judge({ held: [held(ana)] }), []);
  assert.deepEqual(await states(), ['ana rejected']);
  await judge({ held: [held(ana)], read });
  assert.deepEqual(await states(), ['ana rejected']);
  await judge({ planned: [] });
  assert.deepEqual(await states(), []);
});

test('what waits beside what was rejected has the digest that a plan shows, whichever pass looked last', async (t) => {
  const { judge, set, rows } = await world(t);
  const [ana, bo, cy] = [grant('ana'), grant('bo'), grant('cy')];
  await judge({ held: [held(ana)] });
  await set(ana, { state: 'rejected' });
  await judge({ held: [ana, bo, cy].map((step) => held(step)) });
  const shown = heldGroups([ana, bo, cy].map((step) => held(step) as never))[0]?.digest;
  const digests = async () => (await rows()).filter(({ state }) => state === 'held').map(({ digest }) => digest);
  assert.deepEqual(await digests(), [shown, shown]);
  await judge({ whom: new Set(['cy']) });
  await judge({ whom: new Set(['cy']), held: [held(cy)] });
  assert.deepEqual(await digests(), [shown, shown]);
});
