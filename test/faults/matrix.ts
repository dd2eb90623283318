import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ERROR } from '../server/scim/world.ts';
import type { Fault } from './faults.ts';
import type { Faulted } from './world.ts';

const range = (count: number, name: string): string[] => Array.from({ length: count }, (_, index) => `${name}${index}`);

/** A service over one of the engines. */
export interface Place {
  open(t: TestContext): Promise<Faulted>;
  /** Looks at what the closed service left behind. */
  intact(world: Faulted): void;
}

/** What holds for each fault of a database, whatever the engine. */
export function matrix(fault: Fault, place: Place): void {
  test(`${fault.name}: acknowledged writes are kept, 503 with Retry-After, /readyz turns, recovery by itself`, {
    ...(fault.skip === undefined ? {} : { skip: fault.skip }),
  }, async (t) => {
    const world = await place.open(t);
    const before = range(20, 'before');
    const made = await Promise.all(before.map((name) => world.create(name)));
    assert.deepEqual([...new Set(made.map(({ statusCode }) => statusCode))], [201]);
    await world.ledger.seal();
    assert.equal(await world.ready(), 200);

    const mend = await fault.strike(world, t);
    let mended = false;
    const healed = async (): Promise<void> => {
      if (!mended) await mend();
      mended = true;
    };
    t.after(healed);
    const refused = await Promise.all([
      ...range(20, 'refused').map((name) => world.create(name)),
      world.deactivate(made[0]!.json().id),
    ]);
    for (const answer of refused) {
      assert.equal(answer.statusCode, 503, answer.body);
      assert.ok(Number(answer.headers['retry-after']) > 0);
      assert.match(String(answer.headers['content-type']), /^application\/scim\+json/);
      assert.deepEqual([answer.json().schemas, answer.json().status], [[ERROR], '503']);
    }
    assert.equal(await world.ready(), 503);
    const told = world.lines.filter(({ message }) => message === 'not ready');
    assert.equal(told.length, 1);
    assert.match(String(told[0]!.fields.reason), fault.reason);

    await healed();
    assert.equal(await world.ready('later'), 200);
    assert.equal((await world.create('after')).statusCode, 201);
    assert.equal((await world.deactivate(made[0]!.json().id)).statusCode < 300, true);
    assert.deepEqual(await world.wholePeople(), ['after', ...before].toSorted());
    await world.ledger.seal();
    assert.ok((await world.ledger.verify(undefined)).records > before.length);
    const complaints = world.lines.filter(({ level }) => level === 'error').map(({ message }) => message);
    assert.deepEqual(complaints.toSorted(), [...new Set(complaints)].toSorted(), 'each trouble is told once');
    await world.store.close();
    place.intact(world);
  });
}
