import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { folderProblem, itemNameProblem, roleNameProblem, valueProblem } from '../../src/policy/captures/names.ts';
import { compileRegex, type Regex } from '../../src/policy/captures/regex.ts';
import { splittable, splitter } from '../../src/policy/captures/split.ts';
import { escaped, parseTemplate, render, type Template } from '../../src/policy/captures/template.ts';
import { cpuTime } from '../sim/cpuTime.ts';

const regex = (source: string): Regex => {
  const compiled = compileRegex(source);
  assert.notEqual(typeof compiled, 'string', String(compiled));
  return compiled as Regex;
};

function split(pattern: string, name: string, matches: Record<string, string> = {}) {
  const template = parseTemplate(pattern) as Template;
  const matchers = new Map(Object.entries(matches).map(([key, source]) => [key, regex(source)]));
  const ready = splittable(name);
  return ready === undefined ? 'none' : splitter(template, matchers)(ready);
}

test('an expression matches the whole value, as JavaScript would say', () => {
  const sources = [
    '[a-z][a-z0-9-]*',
    'a|bc|',
    '(?:ab)+c?',
    'x{2,4}',
    'x{3}y{2,}',
    '[^a-c.]+',
    '\\d+\\.\\w*',
    '.',
    '[]a-]+'.replace('[]', '[\\]'),
    '(-[a-z]+)*',
    'a(b|c(d|e)?)*f'.replace('(d|e)?', 'd'),
    '[a\\-z]+',
  ];
  const letters = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'f', 'x', 'y', 'z', '-', '.', '1', ']', '_'), {
    maxLength: 8,
  });
  for (const source of sources) {
    const ours = regex(source);
    const theirs = new RegExp(`^(?:${source})$`);
    fc.assert(
      fc.property(letters, (list) => {
        assert.equal(ours.matches(list.join('')), theirs.test(list.join('')), `${source} on ${list.join('')}`);
      }),
      { numRuns: 150 },
    );
  }
});

test('whatever expression is taken, it ends where JavaScript says, counts and classes included', () => {
  const { alternation } = fc.letrec<Record<'atom' | 'item' | 'sequence' | 'alternation', string>>((tie) => ({
    atom: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('a', 'b', '[ab]', '[^a]', '[b-c]', '.', '\\.', '[.-]', '[a-]'),
      tie('alternation').map((inner) => `(${inner})`),
    ),
    item: fc
      .tuple(tie('atom'), fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{1,2}', '{0,2}', '{2,}', '{1,3}', '{2,4}'))
      .map((parts) => parts.join('')),
    sequence: fc.array(tie('item'), { minLength: 1, maxLength: 3 }).map((items) => items.join('')),
    alternation: fc.array(tie('sequence'), { minLength: 1, maxLength: 2 }).map((options) => options.join('|')),
  }));
  let taken = 0;
  fc.assert(
    fc.property(
      alternation,
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '-'), maxLength: 7 }), { minLength: 6 }),
      (source, texts) => {
        const ours = compileRegex(source);
        if (typeof ours === 'string') return;
        taken += 1;
        const theirs = new RegExp(`^(?:${source})$`);
        for (const text of texts)
          for (const start of [0, 1]) {
            const ends = Array.from({ length: text.length + 1 }, (_, end) => end);
            const wanted = ends.filter((end) => end >= start && theirs.test(text.slice(start, end)));
            if (start <= text.length) assert.deepEqual(ours.ends(text, start), wanted, `${source} on ${text}`);
          }
      },
    ),
    { numRuns: 400 },
  );
  assert.ok(taken > 50, `${taken} expressions`);
});

test('counts go to 255 and groups ten deep', () => {
  const deep = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
  for (const source of ['a{255}', 'a{1,255}', 'a{255,}', 'a'.repeat(200), deep(10)]) regex(source);
  for (const source of ['a{256}', 'a{1,256}', 'a{256,}', 'a{999}', 'a{0,0}', '[a-\\d]', '[a', deep(11)])
    assert.equal(typeof compileRegex(source), 'string', source);
});

test('slow, unclear and unsupported expressions are refused in a sentence', () => {
  const refused = [
    '(a+)+',
    '(a*)*',
    '(a|b+)+',
    '([a-z-]+-)*',
    '(?:a{1,9}){2,9}',
    '(a)\\1',
    '(?=a)',
    '(?<n>a)',
    '^a',
    'a$',
    'a**',
    'a+?',
    'a++',
    '[a',
    '(a',
    'a)',
    '*a',
    'a{',
    'a{0}',
    'a{3,2}',
    '[z-a]',
    '\\b',
    '\\p{L}',
    '[[a]]',
    '[a&&b]',
    '',
    'a'.repeat(201),
    '((((((((((((a))))))))))))',
    '(?:a{255}){255}',
    '(?i)a',
  ];
  for (const source of refused) assert.equal(typeof compileRegex(source), 'string', source);
});

test('repetitions whose rounds are told apart are accepted', () => {
  for (const source of ['[a-z0-9]+(-[a-z0-9]+)*', '([a-z]+\\.)*[a-z]+', '(ab)*', '(a|b)+']) regex(source);
});

test('matching takes linear time where others hang', () => {
  const start = cpuTime();
  regex('a*a*a*a*a*a*a*a*b').matches('a'.repeat(5000));
  regex('[a-z]{1,255}[a-z]{1,255}').matches(`${'a'.repeat(500)}!`);
  assert.ok(cpuTime() - start < 2000);
});

test('an expression never makes the compiler throw', () => {
  const source = fc.array(
    fc.constantFrom('a', '(', ')', '[', ']', '{', '}', '2', ',', '*', '+', '?', '|', '\\', '^', '-', '.', 'd'),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(source, (list) => {
      const compiled = compileRegex(list.join(''));
      if (typeof compiled !== 'string') compiled.matches('aad2');
    }),
    { numRuns: 500 },
  );
});

test('a group name is literal but for its captures', () => {
  assert.deepEqual(split('ci-{team}-dev', 'ci-pay-dev'), { team: 'pay' });
  assert.deepEqual(split('ci-{team}-dev', 'ci-a-b-dev'), { team: 'a-b' });
  assert.equal(split('ci-{team}-dev', 'ci--dev'), 'none');
  assert.equal(split('ci-{team}-dev', 'xci-pay-dev'), 'none');
  assert.equal(split('ci-{team}-dev', 'ci-pay-dev2'), 'none');
  assert.equal(split('ci-{team}-dev', 'ci-a b-dev'), 'none');
  assert.equal(split('ci-{team}-dev', `ci-${'a'.repeat(65)}-dev`), 'none');
  assert.deepEqual(split('*{team}', '*pay'), { team: 'pay' });
  assert.equal(split('*{team}', 'xxpay'), 'none');
});

test('names compare folded; a value keeps its spelling, and is folded where it fits only so', () => {
  assert.deepEqual(split('CI-{team}-Dev', 'ci-Pay-DEV'), { team: 'Pay' });
  assert.deepEqual(split('ci-{team}-dev', 'CI-PAY-DEV', { team: '[a-z]+' }), { team: 'pay' });
  assert.deepEqual(split('ci-{team}-dev', 'ci-ｐａｙ-dev'), { team: 'pay' });
});

test('a name that splits in more than one way is ambiguous, unless the expressions tell', () => {
  assert.equal(split('ci-{a}-{b}', 'ci-x-y-z'), 'ambiguous');
  assert.deepEqual(split('ci-{a}-{b}', 'ci-x-y'), { a: 'x', b: 'y' });
  assert.deepEqual(split('ci-{a}-{b}', 'ci-x-y-z', { a: '[a-z]+' }), { a: 'x', b: 'y-z' });
  assert.deepEqual(split('{a}{b}', 'ab12', { a: '[a-z]+', b: '[0-9]+' }), { a: 'ab', b: '12' });
  assert.equal(split('{a}{b}', 'abc'), 'ambiguous');
});

test('a long name with many ways is judged quickly', () => {
  const start = cpuTime();
  assert.equal(
    split('{a}-{b}-{c}-{d}', Array.from({ length: 120 }, () => 'ab').join('-'), {
      a: '[a-z-]+',
      b: '[a-z-]+',
      c: '[a-z-]+',
      d: '[a-z-]+',
    }),
    'ambiguous',
  );
  assert.ok(cpuTime() - start < 1000);
  assert.equal(split('{a}', 'a'.repeat(600)), 'none');
  assert.equal(split('{a}', '\ufdfa'.repeat(100)), 'none');
});

test('names that Jenkins refuses are refused', () => {
  const refused = [
    '',
    '.',
    '..',
    'a/b',
    'a\\b',
    'a*',
    'a?',
    'a%',
    'a!',
    '@a',
    'a#',
    'a$',
    'a^',
    'a&',
    'a|',
    '<a',
    'a>',
    '[a',
    'a]',
    'a:',
    'a;',
    'a.',
    ' a',
    'a ',
    'a\n',
    'a\u0007',
    'a\u200b',
    'a\u202eb',
    '\ud800',
    'a'.repeat(256),
  ];
  for (const name of refused) assert.notEqual(itemNameProblem(name), undefined, name);
  for (const name of ['a', 'Pay.v2', 'a b', 'ä', "o'neil", 'a,b', 'a+b', 'E'])
    assert.equal(itemNameProblem(name), undefined, name);
  assert.notEqual(valueProblem('a,b'), undefined);
  for (const name of ['@Folder', 'a,b', '', ' a', 'a\n']) assert.notEqual(roleNameProblem(name), undefined, name);
});

test('names of items and roles may have 255 characters, full names of folders 1000', () => {
  const [most, more] = ['a'.repeat(255), 'a'.repeat(256)];
  for (const problem of [itemNameProblem, roleNameProblem, valueProblem, folderProblem])
    assert.deepEqual([problem(most), typeof problem(more)], [undefined, 'string'], problem.name);
  const path = `${'a'.repeat(249)}/`.repeat(4);
  assert.deepEqual([folderProblem(path.slice(0, -1)), typeof folderProblem(`${path}aa`)], [undefined, 'string']);
  for (const name of ['a\u200bb', 'a\ud800', 'a\u0085'])
    assert.deepEqual([typeof itemNameProblem(name), typeof roleNameProblem(name)], ['string', 'string']);
});

test('the default segment never gives an illegal value but one that ends with a dot', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (name) => {
      const found = split('{team}', name);
      if (typeof found === 'string') return;
      assert.match(found.team!, /^[A-Za-z0-9._-]{1,64}$/);
      assert.ok(valueProblem(found.team!) === undefined || found.team!.endsWith('.'));
    }),
    { numRuns: 500 },
  );
});

test('a brace that is written twice is a literal one, wherever it stands; what is escaped is what it was', () => {
  const text = fc
    .array(fc.constantFrom('{', '}', 'a', '-', '{team}', 'é', '/'), { maxLength: 8 })
    .map((all) => all.join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const fixed = parseTemplate(escaped(before)) as Template;
      assert.deepEqual([fixed.captures, fixed.source, render(fixed, {})], [[], before, before]);
      const held = parseTemplate(`${escaped(before)}{team}${escaped(after)}`) as Template;
      assert.deepEqual(held.captures, ['team']);
      assert.equal(render(held, { team: 'x' }), `${before}x${after}`);
    }),
  );
  for (const wrong of ['{', '}', '{team', 'team}', '{}', '{te am}', '{team}}', '{{team}', '{{{team}}'])
    assert.match(String(parseTemplate(wrong)), /brace/, wrong);
});

test('a group whose name holds braces is met by a rule that writes them twice', () => {
  assert.deepEqual(split('{{x}}-{team}', '{x}-pay'), { team: 'pay' });
  assert.equal(split('{{x}}-{team}', 'x-pay'), 'none');
});
