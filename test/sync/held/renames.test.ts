import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { explanationText } from '../../../src/cli/print/explanation.ts';
import { rejectHeld } from '../../../src/cli/product/held.ts';
import { refuse } from '../../../src/errors.ts';
import { watchedStore } from '../../../src/store/watched.ts';
import { explain } from '../../../src/sync/explain.ts';
import { distribute } from '../../../src/sync/pace/distribute.ts';
import { passThrough } from '../passThrough.ts';
import { claimRows, debtRows, digestOf, heldRows } from '../rows.ts';
import { type SyncWorld, syncWorld, type WorldOptions } from '../world.ts';

// The identity provider calls many people otherwise at once: by an edit of its mapping, say.

const sync = { kind: 'sync' } as const;
const MINUTE = 60_000;
/** Eight people: five may be renamed within the window by the defaults. */
const CREW = Array.from({ length: 8 }, (_, n) => `p${n}@corp`);
const WHY = 'more people of okta are called otherwise within the window than the ceiling lets through, which is 5 of 8';
const NEW = CREW.map((name) => name.replace('@corp', ''));

async function crew(t: TestContext, options: WorldOptions = {}): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false, ...options });
  for (const name of CREW) await world.person(name);
  await world.group('ci-pay-dev', CREW);
  await world.order(options.mode === undefined ? sync : { kind: 'apply' });
  for (const name of CREW) world.practice.hands.mintToken(name);
  return world;
}

/** The same; nobody is cut off there while it fails. */
async function failingCrew(t: TestContext) {
  let down = false;
  const world = await crew(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      cut: async (fence, orders) => {
        if (down) throw refuse('JEN_TIMEOUT', { controller: 'ci', seconds: 5 });
        return controller.cut(fence, orders);
      },
    }),
  });
  const fails = (now: boolean): void => {
    down = now;
  };
  return { world, fails };
}

const short = (name: string): string => name.replace('@corp', '');

/** By a look at everybody, or at those who were changed, as a push comes. */
async function call(
  world: SyncWorld,
  names: readonly string[],
  otherwise: (name: string) => string = short,
  order: 'all' | 'each' = 'all',
): Promise<void> {
  for (const name of names) {
    await world.change(name, { userName: otherwise(name) });
    if (order === 'each') await world.order({ ...sync, person: world.idOf(name) });
  }
  if (order === 'all') await world.order(sync);
}

const holders = (world: SyncWorld): string[] => [...world.holders('pay-developer')].sort();
const tokens = (world: SyncWorld, names: readonly string[]): number[] =>
  names.map((name) => world.practice.look.person(name).tokens);
const ones = (names: readonly string[]): number[] => names.map(() => 1);
const noughts = (names: readonly string[]): number[] => names.map(() => 0);

/** Ids of which something waits for a release because many are called otherwise. */
async function kept(world: SyncWorld): Promise<string[]> {
  const rows = (await heldRows(world)).filter(
    ({ ceiling, state }) => ceiling === 'losses.renameUsers' && state === 'held',
  );
  return [...new Set(rows.map(({ step }) => (JSON.parse(step) as { principal: { id: string } }).principal.id))].sort();
}

async function states(world: SyncWorld): Promise<string[]> {
  return [...new Set((await debtRows(world)).map(({ state }) => state))];
}

const release = async (world: SyncWorld): Promise<void> => {
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'losses.renameUsers') });
};

for (const order of ['all', 'each'] as const)
  test(`a mapping that calls many people otherwise gives the new ids at once, and what is above the ceiling keeps the former ones (${order})`, async (t) => {
    const world = await crew(t);
    await call(world, CREW, short, order);
    await world.order(sync);
    // Seen one by one, as many go as the ceiling lets through; seen at once, none: half of a mapping is worse than none.
    const gone = order === 'all' ? 0 : 5;
    assert.deepEqual(holders(world), [...CREW.slice(gone), ...NEW].sort());
    assert.deepEqual(await kept(world), CREW.slice(gone));
    assert.deepEqual(tokens(world, CREW.slice(gone)), ones(CREW.slice(gone)));
    assert.deepEqual(tokens(world, CREW.slice(0, gone)), noughts(CREW.slice(0, gone)));
    const { verdict } = await world.assess('automatic');
    assert.deepEqual(
      verdict.findings.map(({ code, level, finding }) => [code, level, finding.split(':')[0]]),
      [
        [
          'plan.renames-held',
          'warning',
          `${8 - gone} people who are called otherwise now can still act on ci by their former ids`,
        ],
      ],
    );
    assert.deepEqual([...new Set((await heldRows(world)).map(({ reason }) => reason))], [WHY]);
  });

test('a few people who are called otherwise are cut off from the former ids at once', async (t) => {
  const world = await crew(t);
  await call(world, CREW.slice(0, 5));
  await world.order(sync);
  assert.deepEqual(holders(world), [...CREW.slice(5), ...NEW.slice(0, 5)].sort());
  assert.deepEqual(tokens(world, CREW.slice(0, 5)), noughts(CREW.slice(0, 5)));
  assert.deepEqual(await kept(world), []);
});

test('who is called otherwise counts over the window, also after a restart; what waits then goes on waiting', async (t) => {
  const world = await crew(t);
  await call(world, CREW.slice(0, 3));
  world.time.forward(40 * MINUTE);
  await world.stop();
  await call(world, CREW.slice(3, 5));
  assert.deepEqual(await kept(world), []);
  await call(world, CREW.slice(5, 6));
  assert.deepEqual(await kept(world), CREW.slice(5, 6));
  world.time.forward(30 * MINUTE);
  await call(world, CREW.slice(6, 7));
  assert.deepEqual(await kept(world), CREW.slice(5, 6), 'the first three are out of the window');
  world.time.forward(61 * MINUTE);
  await world.order(sync);
  assert.deepEqual(await kept(world), CREW.slice(5, 6));
  assert.deepEqual(tokens(world, CREW.slice(5, 7)), [1, 0]);
});

test('who is called otherwise again within the window counts once', async (t) => {
  const world = await crew(t);
  await call(world, CREW.slice(0, 5));
  await call(world, CREW.slice(0, 5), (name) => `${short(name)}.x`);
  assert.deepEqual(await kept(world), []);
  assert.deepEqual(holders(world), [...CREW.slice(5), ...NEW.slice(0, 5).map((name) => `${name}.x`)].sort());
});

test('where the mapping is put back nothing is left: the former ids lost nothing, what was in between is cut off', async (t) => {
  const world = await crew(t);
  await call(world, CREW);
  world.time.forward(600 * MINUTE);
  for (const name of NEW) world.practice.hands.mintToken(name);
  await call(world, CREW, (name) => name);
  await world.order(sync);
  assert.deepEqual(await kept(world), []);
  assert.deepEqual(holders(world), CREW);
  assert.deepEqual([tokens(world, CREW), tokens(world, NEW)], [ones(CREW), noughts(NEW)]);
  assert.deepEqual(await heldRows(world), []);
});

test('so it is of several names in between, and where the controller fails just then', async (t) => {
  const { world, fails } = await failingCrew(t);
  await call(world, CREW);
  const other = NEW.map((name) => `${name}.x`);
  await call(world, CREW, (name) => `${short(name)}.x`);
  assert.deepEqual(await kept(world), [...CREW, ...NEW].sort());
  for (const name of [...NEW, ...other]) world.practice.hands.mintToken(name);
  fails(true);
  await call(world, CREW, (name) => name);
  assert.deepEqual(tokens(world, other), ones(other));
  fails(false);
  world.time.forward(70 * MINUTE);
  await world.order(sync);
  assert.deepEqual(
    [tokens(world, CREW), tokens(world, NEW), tokens(world, other)],
    [ones(CREW), noughts(NEW), noughts(other)],
  );
  assert.deepEqual([holders(world), await heldRows(world)], [CREW, []]);
});

test('a release lets everybody go who waits, and counts against nothing', async (t) => {
  const world = await crew(t);
  await call(world, CREW);
  await release(world);
  await world.order(sync);
  assert.deepEqual([holders(world), tokens(world, CREW)], [NEW, noughts(CREW)]);
  assert.deepEqual([await states(world), await heldRows(world)], [['done'], []]);
  await call(world, CREW.slice(0, 5), (name) => `${short(name)}.x`);
  assert.deepEqual(await kept(world), []);
});

test('what was rejected stays and counts against nothing; others are called otherwise meanwhile', async (t) => {
  const world = await crew(t);
  await call(world, CREW.slice(0, 6));
  const parts = { store: watchedStore(world.store, world.time.clock), ledger: world.ledger, operator: 'ops' };
  await rejectHeld(parts, await digestOf(world, 'losses.renameUsers'));
  await world.order(sync);
  await call(world, CREW.slice(6));
  await world.order(sync);
  assert.deepEqual(tokens(world, CREW), [1, 1, 1, 1, 1, 1, 0, 0]);
  assert.deepEqual(await kept(world), []);
});

test('whatever is read of a former id that waits, it waits as a whole', async (t) => {
  const world = await crew(t);
  await call(world, CREW);
  world.time.forward(61 * MINUTE);
  world.practice.hands.defineRole({
    type: 'global',
    name: 'hand',
    pattern: '',
    permissions: ['hudson.model.Hudson.Read'],
  });
  world.practice.hands.grant({ type: 'global', name: 'hand' }, CREW[0]!);
  await world.order({ ...sync, person: world.idOf(CREW[0]!) });
  await world.order(sync);
  assert.deepEqual(world.holders('hand'), [CREW[0]]);
  assert.deepEqual([await kept(world), await states(world)], [CREW, ['held']]);
});

for (const rejected of [false, true])
  test(`who leaves among them loses the former id and the new one${rejected ? ', whatever was rejected' : ''}`, async (t) => {
    const world = await crew(t);
    await call(world, CREW);
    for (const name of NEW) world.practice.hands.mintToken(name);
    const parts = { store: watchedStore(world.store, world.time.clock), ledger: world.ledger, operator: 'ops' };
    if (rejected) await rejectHeld(parts, await digestOf(world, 'losses.renameUsers'));
    await world.change(CREW[0]!, { active: false });
    await world.order({ ...sync, person: world.idOf(CREW[0]!) });
    await world.order(sync);
    assert.deepEqual([tokens(world, [CREW[0]!, NEW[0]!]), holders(world).length], [[0, 0], 14]);
    const owed = (await debtRows(world)).filter(({ person }) => person === world.idOf(CREW[0]!));
    assert.deepEqual(
      owed.map(({ cause, state }) => `${cause} ${state}`),
      ['leaver done', 'leaver done'],
    );
    assert.deepEqual(tokens(world, CREW.slice(1)), ones(CREW.slice(1)));
  });

test('a new hire who is called as somebody was whose former id waits gets nothing there, and never what they had', async (t) => {
  const world = await crew(t);
  const [former] = CREW;
  await call(world, CREW);
  const hire = await world.person('hire', { userName: former });
  await world.group('ci-users', []);
  await world.add('ci-users', 'hire');
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), []);
  assert.equal(tokens(world, [former!])[0], 1);
  const { identities } = await world.assess('automatic');
  assert.deepEqual(identities.people.get(hire), { none: 'contested', wanted: former });
  await release(world);
  for (let n = 0; n < 2; n++) await world.order(sync);
  assert.deepEqual([world.holders('browser'), tokens(world, [former!])], [[former], [0]]);
  assert.ok(!holders(world).includes(former!));
});

test('where an operator gives a former id free that waits, it is cut off before somebody else has it', async (t) => {
  const world = await crew(t);
  const [former] = CREW;
  await call(world, CREW);
  await world.person('hire', { userName: former });
  await world.group('ci-users', []);
  await world.add('ci-users', 'hire');
  await world.order({ kind: 'release-id', person: world.idOf(former!) });
  for (let n = 0; n < 2; n++) await world.order(sync);
  assert.deepEqual([world.holders('browser'), tokens(world, [former!])], [[former], [0]]);
  assert.deepEqual(await kept(world), CREW.slice(1));
  assert.ok(!holders(world).includes(former!));
});

test('ids that are handed on in one set are cut off at once, however many: nobody acts with what another one made', async (t) => {
  const world = await crew(t);
  for (const name of CREW) await world.change(name, { userName: `tmp-${name}` });
  await call(world, CREW, (name) => CREW[(CREW.indexOf(name) + 1) % CREW.length]!);
  assert.deepEqual([tokens(world, CREW), holders(world), await kept(world)], [noughts(CREW), CREW, []]);
});

test('names that people had between two looks are given up at once, however many', async (t) => {
  const world = await crew(t);
  for (const name of CREW) await world.change(name, { userName: short(name) });
  for (const name of NEW) world.practice.hands.mintToken(name);
  for (const name of CREW) await world.change(name, { userName: name });
  await world.store.write((tx) => distribute(tx, world.context.facts, ['ci']));
  await world.order(sync);
  assert.deepEqual([tokens(world, CREW), tokens(world, NEW), await kept(world)], [ones(CREW), noughts(NEW), []]);
});

for (const mode of ['observe', 'add-only'] as const)
  test(`in ${mode} former ids wait for the mode, and under the ceiling where that is enforced then`, async (t) => {
    const world = await crew(t, { mode });
    await call(world, CREW);
    assert.deepEqual([await kept(world), await states(world)], [[], ['held']]);
    assert.deepEqual(holders(world), mode === 'observe' ? CREW : [...CREW, ...NEW].sort());
    const operator = await world.assess('operator');
    assert.deepEqual([...new Set(operator.verdict.held.map(({ ceiling }) => ceiling))], ['losses.renameUsers']);
    Object.assign(world.config.controllers[0]!, { mode: 'enforce' });
    world.time.forward(61 * MINUTE);
    await world.order(sync);
    assert.deepEqual([await kept(world), holders(world)], [CREW, [...CREW, ...NEW].sort()]);
  });

test('an edit of the mapping that an operator applies is held by no ceiling; what waits goes on waiting', async (t) => {
  const world = await crew(t);
  const { name, identity } = world.config.controllers[0]!;
  for (const one of CREW) await world.change(one, { externalId: `e-${one}` });
  await call(world, CREW.slice(0, 6));
  assert.deepEqual(await kept(world), CREW.slice(0, 6));
  Object.assign(world.config.controllers[0]!, { identity: { ...identity, user: 'externalId' } });
  await world.order({ kind: 'apply' }, name);
  await world.order(sync);
  assert.deepEqual(await kept(world), CREW.slice(0, 6));
  assert.deepEqual(holders(world), [...CREW.slice(0, 6), ...CREW.map((one) => `e-${one}`)].sort());
});

test('explain and the certificate tell of a former id that it waits, and for what', async (t) => {
  const world = await crew(t);
  await call(world, CREW);
  const [name] = CREW;
  const { controllers, complete } = await world.certificate(name!, 'active');
  const digest = (await digestOf(world, 'losses.renameUsers')).slice(0, 12);
  assert.deepEqual(
    [complete, controllers.map(({ formerId, residual }) => [formerId, residual])],
    [
      false,
      [
        [
          name,
          [`everything: held by losses.renameUsers, ${WHY}; ` + `\`quarantine release ${digest}\` lets all of it go`],
        ],
      ],
    ],
  );
  const told = await explain(world.context, world.config.controllers[0]!, world.idOf(name!), {});
  assert.deepEqual(told.formerIds, [{ id: name, held: 'losses.renameUsers' }]);
  const text = explanationText({ user: NEW[0]!, controllers: [told] });
  assert.match(text, /^ {4}p0@corp, the id before, is not cut off: held by losses\.renameUsers$/m);
  assert.equal((await claimRows(world)).length, 16);
});

test('who was cut off and is called as before again is renamed once more: that counts, too', async (t) => {
  const world = await crew(t);
  await call(world, CREW);
  await release(world);
  await world.order(sync);
  for (const name of NEW) world.practice.hands.mintToken(name);
  await call(world, CREW, (name) => name);
  await world.order(sync);
  assert.deepEqual([await kept(world), tokens(world, NEW)], [NEW, ones(NEW)]);
});

test('what was let go before and failed goes on, though a later name of the same people waits', async (t) => {
  const { world, fails } = await failingCrew(t);
  fails(true);
  await call(world, CREW.slice(0, 1));
  world.time.forward(61 * MINUTE);
  await call(world, CREW, (name) => `${short(name)}.x`);
  const states = (await debtRows(world)).map(({ id, state }) => `${id} ${state}`).sort();
  assert.deepEqual(
    states,
    [...CREW.slice(1), NEW[0]!]
      .map((id) => `${id} held`)
      .concat(`${CREW[0]} open`)
      .sort(),
  );
  fails(false);
  await world.order(sync);
  assert.deepEqual(tokens(world, CREW), [0, ...ones(CREW.slice(1))]);
});

test('of many events those of the same connection and controller count, and of the people at hand all', async (t) => {
  const world = await crew(t);
  const at = world.context.clock.now();
  const event = (controller: string, connection: string, person: string, at_ms: number, state: 'held' | 'applied') => ({
    ...{ id: `${controller} ${connection} ${person} ${state}`, at_ms, controller, connection, state },
    ...{ kind: 'renamed' as const, key: person, person, administrative: 0 },
  });
  const others = Array.from({ length: 13 }, (_, n) => `x${n}`);
  const put = (rows: ReturnType<typeof event>[]) =>
    world.store.write(({ db }) => db.insertInto('guard_events').values(rows).execute());
  await put(others.flatMap((who) => [event('cd', 'okta', who, at, 'held'), event('ci', 'entra', who, at, 'held')]));
  await call(world, CREW.slice(0, 1));
  assert.deepEqual(await kept(world), []);
  const both = ['held', 'applied'] as const;
  await put(others.slice(0, 5).flatMap((who) => both.map((state) => event('ci', 'okta', who, at + 1, state))));
  await call(world, CREW.slice(1, 2));
  assert.deepEqual(await kept(world), CREW.slice(1, 2));
  await put(others.slice(5).map((who) => event('ci', 'okta', who, at + 2, 'held')));
  await put([event('ci', 'okta', world.idOf(CREW[2]!), at + 3, 'applied')]);
  await call(world, CREW.slice(2, 3));
  assert.deepEqual(await kept(world), CREW.slice(1, 2));
});

test('two connections, and two controllers, count alone', async (t) => {
  const world = await syncWorld(t, { start: false, controllers: ['ci', 'cd'] });
  const [ours, theirs] = [CREW.slice(0, 4), CREW.slice(4)];
  for (const name of ours) await world.person(name);
  for (const name of theirs) await world.person(name, {}, 'entra');
  for (const at of ['ci', 'cd']) await world.order(sync, at);
  for (const name of ours) await world.change(name, { userName: short(name) });
  for (const name of theirs) await world.change(name, { userName: short(name) }, 'entra');
  for (const at of ['ci', 'cd']) await world.order(sync, at);
  assert.deepEqual(await heldRows(world), []);
});
