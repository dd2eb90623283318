import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asked, EVERY_TYPE, person, sortable, sorted, writtenPath, X } from './searchModel.ts';
import { type Client, E, type Json, scimWorld, U } from './world.ts';

/** Signs, forms and cases that are easily confused. */
const NAMES = ['É', 'e\u0301', 'z', 'ß', '😀', '\uffff', 'I', 'ı'];

/** Creates these people and no others; as they were answered, in the order of their creation. */
async function populate(client: Client, people: readonly Json[]): Promise<Json[]> {
  for (const { id } of (await client.get('/Users?attributes=id&count=1000')).body.Resources)
    assert.equal((await client.delete(`/Users/${id}`)).status, 204);
  const made: Json[] = [];
  for (const [at, more] of people.entries()) {
    const userName = `${NAMES[at % NAMES.length]}${at}`;
    const answer = await client.post('/Users', { schemas: [U, E, X], userName, ...more });
    assert.equal(answer.status, 201, answer.text);
    made.push(answer.body);
  }
  return made;
}

/** The ids of all pages of a list; each page is as full as it can be and has the total. */
async function walk(client: Client, query: string, count: number, byCursor: boolean, total: number): Promise<string[]> {
  const found: string[] = [];
  for (let from: string | undefined = byCursor ? 'cursor=' : 'startIndex=1'; from !== undefined; ) {
    const { status, body, text } = await client.get(`/Users?${query}&count=${count}&${from}`);
    assert.equal(status, 200, text);
    assert.equal(body.totalResults, total);
    assert.equal(body.Resources.length, Math.min(count, total - found.length));
    found.push(...body.Resources.map(({ id }: Json) => id));
    if (byCursor) from = body.nextCursor === undefined ? undefined : `cursor=${body.nextCursor}`;
    else from = found.length < total ? `startIndex=${found.length + 1}` : undefined;
  }
  return found;
}

test('a list is what a naive reading of filter and order gives, by index and by cursor', async (t) => {
  const client = (await scimWorld(t, { filterLength: 100_000 }, EVERY_TYPE)).as('rfc');
  const property = fc.asyncProperty(
    fc.array(person, { minLength: 8, maxLength: 14 }),
    fc.gen(),
    async (people, gen) => {
      const made = await populate(client, people);
      for (let attempt = 0; attempt < 25; attempt++) {
        const filter = gen(() => asked);
        const by = gen(() => sortable);
        const descending = gen(fc.boolean);
        const found = made.filter((item) => filter.holds(item));
        const expected = sorted(found, by, descending).map(({ id }) => id);
        const sort = by === undefined ? '' : `&sortBy=${encodeURIComponent(writtenPath(by))}`;
        const order = descending ? '&sortOrder=descending' : '';
        const query = `filter=${encodeURIComponent(filter.text)}&attributes=id${sort}${order}`;
        const count = gen(() => fc.integer({ min: 1, max: 6 }));
        const ids = await walk(client, query, count, gen(fc.boolean), expected.length);
        assert.deepEqual(ids, expected, `${filter.text}${sort}${order}`);
      }
    },
  );
  await fc.assert(property, { numRuns: 6, endOnFailure: true });
});
