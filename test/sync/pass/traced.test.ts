import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestsOf, tellUnder } from '../../../src/sync/pass/traced.ts';
import { keepingLog, type Line } from '../../server/world.ts';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

const MARKED = 'changes are on their way to the controllers';
const CALL = 'controller call';
const ENDED = 'controller call ended';

/** Ids of requests in the lines with this message, in order. */
function idsOf(world: SyncWorld, message: string): string[] {
  return world.lines
    .filter((line) => line.message === message)
    .flatMap(({ fields }) => (fields.requests as string[] | undefined) ?? []);
}

/** The id of the last push, found in the lines of marks and of calls alike. */
async function traced(world: SyncWorld, push: () => Promise<unknown>): Promise<void> {
  const before = idsOf(world, MARKED).length;
  await push();
  await eventually(() => idsOf(world, MARKED).length > before);
  const id = idsOf(world, MARKED).at(-1)!;
  assert.match(id, /^req-\d+$/);
  await eventually(() => idsOf(world, CALL).includes(id) && idsOf(world, ENDED).includes(id));
}

test('one id leads from a push to the call of a controller: gain, loss and leaver', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.person('bo');
  // The first look is about everybody: what it meets before its mark is handed out goes without an id.
  await eventually(() => world.lines.some(({ message }) => message === ENDED));
  await traced(world, () => world.group('ci-pay-dev', ['ana', 'bo']));
  await traced(world, () => world.drop('ci-pay-dev', 'ana'));
  await traced(world, () => world.change('bo', { active: false }));
  const ended = world.lines.filter(({ message }) => message === ENDED);
  for (const { fields } of ended) {
    assert.equal(fields.controller, 'ci');
    assert.equal(fields.outcome, 'done');
    assert.ok(typeof fields.intent === 'string' && typeof fields.milliseconds === 'number');
  }
  const calls = world.lines.filter(({ message }) => message === CALL);
  assert.deepEqual(
    new Set(calls.map(({ fields }) => fields.intent)),
    new Set(ended.map(({ fields }) => fields.intent)),
  );
});

test('hundreds of ids are told in several lines, none is left out', () => {
  const lines: Line[] = [];
  const ids = Array.from({ length: 250 }, (_, at) => `r${at}`);
  tellUnder({ log: keepingLog(lines) }, 'x', ids, { controller: 'ci' });
  assert.deepEqual(
    lines.flatMap(({ fields }) => fields.requests),
    ids,
  );
  assert.equal(lines.length, 3);
  tellUnder({ log: keepingLog(lines) }, 'nobody pushed', [], { controller: 'ci' });
  assert.deepEqual(lines.at(-1)!.fields, { controller: 'ci' });
});

test('marks that nobody pushed have no id', () => {
  const mark = { kind: 'user', id: 'u', seq: 1, markedAt: '2026-11-25T00:00:00.000Z' } as const;
  assert.deepEqual(
    requestsOf([
      { ...mark, request: null },
      { ...mark, request: 'a' },
      { ...mark, request: 'a' },
    ]),
    ['a'],
  );
});
