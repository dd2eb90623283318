import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOneTurn } from '../../src/access/breather.ts';
import { ScimError } from '../../src/errors.ts';
import { parseFilter } from '../../src/scim/filter/parseFilter.ts';
import { readResource } from '../../src/scim/intake/resource.ts';
import { parseJson } from '../../src/scim/json.ts';
import { compileGroupPatch } from '../../src/scim/patch/groupPatch.ts';
import { readOperations } from '../../src/scim/patch/operation.ts';
import { compileUserPatch } from '../../src/scim/patch/userPatch.ts';
import { DIALECTS } from '../../src/scim/profiles/dialects.ts';
import { readQueryString } from '../../src/scim/search.ts';
import { E, G, P, U } from '../server/scim/world.ts';

const WIDE = { filterLength: 4_000_000, filterDepth: 256 };
const { generic } = DIALECTS;

/** The least processor time of some runs, in milliseconds; a refusal is an outcome like others. */
function cost(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 4; run++) {
    const from = process.cpuUsage();
    try {
      work();
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
    }
    const { user, system } = process.cpuUsage(from);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/**
 * Eight times the input may cost eight times as much; a square would be 64 times. Below a few milliseconds nothing is measured, and
 * a busy machine gets more than one try: what is a square is one each time.
 */
function staysLinear(
  name: string,
  [small, large]: readonly [number, number],
  work: (size: number) => () => unknown,
): void {
  const [little, much] = [work(small), work(large)];
  const tries: string[] = [];
  for (let attempt = 0; attempt < 4; attempt++) {
    const few = cost(little);
    const many = cost(much);
    if (many < 5 || many <= few * (large / small) * 3 + 5) return;
    tries.push(`${few} ms for ${small}, ${many} ms for ${large}`);
  }
  assert.fail(`${name}: ${tries.join('; ')}`);
}

/** Quiet: the work may refuse. */
const tried = (work: () => unknown) => (): unknown => {
  try {
    return work();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
};

const FILTERS: Readonly<Record<string, (size: number) => string>> = {
  'a string that never ends, of backslashes': (size) => `userName eq "${'\\'.repeat(size)}`,
  'a string that never ends, of escaped quotes': (size) => `userName eq "${'\\"'.repeat(size / 2)}`,
  'a string that never ends, of new lines': (size) => `userName eq "${'\n'.repeat(size)}`,
  'opening parentheses': (size) => '('.repeat(size),
  'balanced parentheses': (size) => `${'('.repeat(size / 2)}a pr${')'.repeat(size / 2)}`,
  'opening brackets': (size) => 'emails['.repeat(size / 7),
  not: (size) => 'not ('.repeat(size / 5),
  'a long chain': (size) =>
    Array(Math.floor(size / 16))
      .fill('userName eq "x"')
      .join(' or '),
  spaces: (size) => `userName${' '.repeat(size)}eq "x"`,
  'a long name': (size) => `${'a'.repeat(size)} eq "x"`,
  'a long name of dots and colons': (size) => `${'a:b.'.repeat(size / 4)} pr`,
  digits: (size) => `userName eq ${'1'.repeat(size)}`,
  'a long value': (size) => `userName eq "${'x'.repeat(size)}"`,
  'escapes of surrogates': (size) => `userName eq "${'\\ud800'.repeat(size / 6)}"`,
};

test('filters and paths of any shape cost time in proportion to their length', () => {
  for (const [name, filter] of Object.entries(FILTERS)) {
    staysLinear(`filter: ${name}`, [50_000, 400_000], (size) => {
      const text = filter(size);
      return tried(() => parseFilter(text, 'User', WIDE, { lenient: true }));
    });
    staysLinear(`path: ${name}`, [50_000, 400_000], (size) => {
      const body = { schemas: [P], Operations: [{ op: 'remove', path: `emails[${filter(size)}].value` }] };
      return tried(() => inOneTurn(compileUserPatch(readOperations(body, generic), generic, WIDE)));
    });
  }
});

const BODIES: Readonly<Record<string, (size: number) => string>> = {
  'opening brackets': (size) => '['.repeat(size),
  'opening objects': (size) => '{"a":'.repeat(size / 5),
  'a string that never ends': (size) => `{"userName":"${'\\'.repeat(size)}`,
  'escaped quotes': (size) => `{"userName":"${'\\"'.repeat(size / 2)}"}`,
  digits: (size) => `{"count":${'9'.repeat(size)}}`,
  'many keys': (size) => `{${Array.from({ length: size / 12 }, (_, index) => `"k${index}":1`).join()}}`,
  'one key many times': (size) =>
    `{${Array(Math.floor(size / 14))
      .fill('"userName":"x"')
      .join()}}`,
  spaces: (size) => `{${' '.repeat(size)}}`,
  members: (size) =>
    JSON.stringify({
      schemas: [G],
      displayName: 'g',
      members: Array.from({ length: size / 20 }, (_, index) => ({ value: `${index}` })),
    }),
  'one member many times': (size) =>
    JSON.stringify({ schemas: [G], displayName: 'g', members: Array(Math.floor(size / 20)).fill({ value: 'x' }) }),
  'many values': (size) =>
    JSON.stringify({
      schemas: [U],
      userName: 'x',
      emails: Array.from({ length: size / 20 }, (_, index) => ({ value: `${index}` })),
    }),
  'a long name': (size) =>
    JSON.stringify({ schemas: [U], userName: 'x'.repeat(size), [E]: { department: 'é'.repeat(size / 2) } }),
};

test('bodies of any shape cost time in proportion to their length', () => {
  for (const [name, body] of Object.entries(BODIES))
    for (const type of ['User', 'Group'] as const)
      staysLinear(`${type}: ${name}`, [100_000, 800_000], (size) => {
        const text = body(size);
        return tried(() => readResource(type, parseJson(text, 32), generic));
      });
});

const PATCHES: Readonly<Record<string, (count: number) => unknown[]>> = {
  'members one by one': (count) =>
    Array.from({ length: count }, (_, index) => ({ op: 'add', path: 'members', value: [{ value: `${index}` }] })),
  'members removed by filter': (count) =>
    Array.from({ length: count }, (_, index) => ({ op: 'remove', path: `members[value eq "${index}"]` })),
  'e-mails one by one': (count) =>
    Array.from({ length: count }, (_, index) => ({ op: 'add', path: 'emails', value: [{ value: `${index}` }] })),
  'value paths': (count) =>
    Array.from({ length: count }, (_, index) => ({ op: 'add', path: `emails[type eq "t${index}"].value`, value: 'x' })),
  'long alternatives': (count) => [
    {
      op: 'remove',
      path: `members[${Array.from({ length: count }, (_, index) => `value eq "${index}"`).join(' or ')}]`,
    },
  ],
};

test('PATCH of any shape costs time in proportion to its operations', () => {
  const current = {
    userName: 'ana',
    active: true,
    emails: Array.from({ length: 100 }, (_, index) => ({ value: `${index}`, type: `t${index}` })),
  };
  for (const [name, operations] of Object.entries(PATCHES)) {
    const message = (count: number) => ({ schemas: [P], Operations: operations(count) });
    staysLinear(`group: ${name}`, [125, 1_000], (count) => {
      const body = message(count);
      return tried(() => inOneTurn(compileGroupPatch(readOperations(body, generic), generic, WIDE)));
    });
    staysLinear(`user: ${name}`, [125, 1_000], (count) => {
      const body = message(count);
      return tried(() => inOneTurn(inOneTurn(compileUserPatch(readOperations(body, generic), generic, WIDE))(current)));
    });
  }
});

test('a query string of any shape costs time in proportion to its length', () => {
  const queries = {
    commas: (size: number) => ','.repeat(size),
    names: (size: number) => 'userName,'.repeat(size / 9),
    dots: (size: number) => 'a.'.repeat(size / 2),
  };
  for (const [name, text] of Object.entries(queries))
    staysLinear(name, [50_000, 400_000], (size) => {
      const query = { attributes: text(size), sortBy: text(size), count: '9'.repeat(size) };
      return tried(() => readQueryString(query));
    });
});

test('the measure sees a square', () => {
  const square = (size: number) => () => {
    let sum = 0;
    for (let outer = 0; outer < size; outer++) for (let inner = 0; inner < size; inner++) sum ^= inner * outer;
    return sum;
  };
  assert.throws(() => staysLinear('a square', [1_500, 12_000], square), /ms for 12000/);
});
