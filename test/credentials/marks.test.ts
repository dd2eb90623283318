import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IssuerMarks, markEnds } from '../../src/credentials/external/marks.ts';

const NOW = Date.parse('2026-11-28T08:00:00.000Z');
const ISSUED = NOW / 1000;

/** A store that says whether something changed, and whose answers may be as old as the question. */
function storeOf({ stamps }: { readonly stamps: boolean }) {
  let marked = false;
  let changes = 0;
  let asked = 0;
  const waiting: (() => void)[] = [];
  const store = {
    ...(stamps ? { stamp: () => String(changes) } : {}),
    read: async () => {
      asked += 1;
      const found = marked ? new Date(NOW).toISOString() : undefined;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return found === undefined ? undefined : Date.parse(found);
    },
  };
  return {
    marks: new IssuerMarks(store as never),
    asked: () => asked,
    mark: () => {
      marked = true;
      changes += 1;
    },
    /** Lets the question that waits longest be answered. */
    answer: () => waiting.shift()?.(),
  };
}

test('what was read before a mark is forgotten, though a later question came in between', async () => {
  const { marks, mark, answer } = storeOf({ stamps: true });
  const before = marks.admits('okta', ISSUED);
  mark();
  const after = marks.admits('okta', ISSUED);
  answer();
  assert.equal(await before, true, 'it was asked before the mark');
  const later = marks.admits('okta', ISSUED);
  answer();
  answer();
  assert.equal(await after, false);
  assert.equal(await later, false, 'the old answer is not kept');
});

test('nothing is asked twice until something changes; where nobody can say whether, each time', async () => {
  for (const [stamps, expected] of [
    [true, 2],
    [false, 4],
  ] as const) {
    const { marks, mark, answer, asked } = storeOf({ stamps });
    const admits = () => {
      const found = marks.admits('okta', ISSUED);
      answer();
      return found;
    };
    assert.deepEqual([await admits(), await admits()], [true, true]);
    mark();
    assert.deepEqual([await admits(), await admits()], [false, false]);
    assert.equal(asked(), expected);
  }
});

test('what JWTs of a connection do ten minutes after a mark is that of others; one of our own does nothing any more', () => {
  const marked_at = new Date(NOW).toISOString();
  assert.equal(markEnds({ credential: 'jwt:okta', marked_at }), new Date(NOW + 600_000).toISOString());
  assert.equal(markEnds({ credential: '00000000-0000-4000-8000-000000000000', marked_at }), undefined);
});
