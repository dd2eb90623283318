import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ScimError } from '../../src/errors.ts';
import { LARGE, parseLargeJson } from '../../src/scim/largeJson.ts';
import { seededRandom } from '../sim/time.ts';

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const FILLER = 'x'.repeat(3_000);

/** A value that is large enough to be taken apart, with `inner` somewhere in it. */
function around(inner: unknown, place: number): unknown {
  const filler = Array.from({ length: 400 }, (_, index) => ({ value: `${FILLER}${index}`, 'a"]}': [{}, index, null] }));
  switch (place % 4) {
    case 0:
      return [...filler, inner];
    case 1:
      return { a: 1, Operations: [{ op: 'add', value: filler }, inner], z: inner };
    case 2:
      return { first: inner, members: filler, last: [inner] };
    default:
      return [[filler, inner], filler.slice(0, 150), { deep: { deeper: filler } }];
  }
}

async function outcome(text: string, deepest = 64): Promise<unknown> {
  try {
    return { value: await parseLargeJson(text, deepest, pause) };
  } catch (error) {
    assert.ok(error instanceof ScimError, String(error));
    return { status: error.status };
  }
}

test('a large text gives the value that JSON.parse gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue({ maxDepth: 5 }),
      fc.nat(),
      fc.constantFrom(undefined, 1),
      async (inner, place, indent) => {
        const value = around(inner, place);
        const text = JSON.stringify(value, undefined, indent);
        assert.ok(text.length > LARGE);
        assert.deepEqual(await parseLargeJson(text, 64, pause), JSON.parse(text));
      },
    ),
    { numRuns: 16 },
  );
});

test('what JSON.parse refuses is refused, wherever one character is lost, doubled or changed', async () => {
  const text = JSON.stringify(around({ k: [1, true, 'é\u2028', { '': null }] }, 1), undefined, 1);
  const structure = [...text.matchAll(/[[\]{},:"]/g)].map(({ index }) => index);
  const random = seededRandom(3);
  const pick = (): number => structure[Buffer.from(random.bytes(4)).readUInt32LE() % structure.length]!;
  for (let round = 0; round < 40; round++) {
    const at = pick();
    const changed = [
      text.slice(0, at) + text.slice(at + 1),
      text.slice(0, at) + text[at] + text.slice(at),
      text.slice(0, at) + '],[}{:"'[round % 7] + text.slice(at + 1),
    ][round % 3]!;
    let expected: unknown;
    try {
      expected = { value: JSON.parse(changed) };
    } catch {
      expected = { status: 400 };
    }
    assert.deepEqual(await outcome(changed), expected, `at ${at}, round ${round}`);
  }
});

test('the place of what is wrong is told as in a text that is parsed at once, or not at all', async () => {
  const told = async (text: string): Promise<string | undefined> =>
    parseLargeJson(text, 64, pause).then(
      () => undefined,
      (error: ScimError) => String(error.details.reason),
    );
  const many = Array.from({ length: 300_000 }, () => '1234').join(', ');
  for (const text of [`[${many}, 1 ?, ${many}]`, `{"a": [${many}, 1 ?], "b": [${many}]}`])
    assert.equal(await told(text), `The body is not JSON at position ${text.indexOf('?')}`);
  // The parser names no place where it knows the word that is wrong.
  for (const text of [`[${many}, ?, ${many}]`, `{"a": [${many}], "b": tru}`])
    assert.equal(await told(text), 'The body is not JSON');
});

test('commas and blanks without a value, in large lists and objects', async () => {
  const large = JSON.stringify(FILLER.repeat(400));
  const blank = ' '.repeat(LARGE + 10);
  for (const wrong of [
    `[${large},]`,
    `[,${large}]`,
    `[${large},,${large}]`,
    `[[${large}], ,[${large}]]`,
    `[1,${blank},2]`,
    `[1,${blank}]`,
    `{"a":${large},}`,
    `{"a":[${large}],,"b":1}`,
    `{"a":${blank}}`,
    `{a:${large}}`,
    `{"a" ${large}}`,
    `[${large}}`,
    `[${large}] ${large}`,
    `[${large}`,
    large.slice(0, -1),
  ])
    assert.deepEqual(await outcome(wrong), { status: 400 }, `${wrong.slice(0, 20)}…${wrong.slice(-20)}`);
  assert.deepEqual(await outcome(`[${blank}]`), { value: [] });
  assert.deepEqual(await outcome(`{${blank}}`), { value: {} });
  assert.deepEqual(await outcome(`${blank}{"a":1,"a":2,"__proto__":{"x":1}}`), {
    value: JSON.parse('{"a":1,"a":2,"__proto__":{"x":1}}'),
  });
});

test('nesting is counted before anything is parsed', async () => {
  const text = `[${JSON.stringify(FILLER.repeat(400))},${'['.repeat(40)}${']'.repeat(40)}]`;
  await assert.rejects(parseLargeJson(text, 32, pause), { code: 'SCIM_DEPTH' });
  assert.equal(((await parseLargeJson(text, 41, pause)) as unknown[]).length, 2);
});

test('a text of more parts than any resources have is refused before it is parsed', async () => {
  for (const part of ['{}', '[]', '"a":1']) {
    const parts = `${`${part},`.repeat(1_000_000)}${part}`;
    const text = part.startsWith('"') ? `{${parts}}` : `[${parts}]`;
    await assert.rejects(parseLargeJson(text, 32, pause), { code: 'SCIM_TOO_MANY' });
  }
  const many = `[${'"a","b:c[{",'.repeat(1_200_000)}{}]`;
  assert.equal(((await parseLargeJson(many, 32, pause)) as unknown[]).length, 2_400_001);
});

/** Milliseconds this thread has worked; others on the machine do not count. */
function worked(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

test('a group of 100,000 members is parsed in parts that hold the loop for less than 50 ms', async () => {
  const members = Array.from({ length: 100_000 }, (_, index) => ({
    value: `7d2c1f0e-0000-4000-8000-${String(index).padStart(12, '0')}`,
    display: 'é',
  }));
  const text = JSON.stringify({ displayName: 'g', members });
  const gaps: number[] = [];
  let last = worked();
  const timed = async (): Promise<void> => {
    gaps.push(worked() - last);
    await pause();
    last = worked();
  };
  const parsed = (await parseLargeJson(text, 32, timed)) as { members: unknown[] };
  assert.equal(parsed.members.length, members.length);
  assert.ok(gaps.length > text.length / LARGE, `${gaps.length} pauses`);
  const longest = Math.max(...gaps);
  assert.ok(longest < 50, `the longest part took ${longest} ms`);
});
