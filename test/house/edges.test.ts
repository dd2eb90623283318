import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sources } from './sources.ts';

const FORBIDDEN =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|(?<![.\w])(?:setTimeout|setInterval|setImmediate|fetch)\s*\(|\brandomUUID\b|\brandomBytes\b|\bperformance\.now\b/;
const EDGE = 'src/cli/edge.ts';

/** The code without comments, so that a word in prose is no finding. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

test('clock, randomness, timers and fetch are used in one edge file only', () => {
  const offenders = sources('src/**/*.ts')
    .filter((source) => source.path !== EDGE && FORBIDDEN.test(code(source.text)))
    .map((source) => source.path);
  assert.deepEqual(offenders, []);
});

test('the rule sees what it forbids', () => {
  for (const wrong of ['Date.now()', 'new Date()', 'Math.random()', ' setTimeout(f, 1)', 'await fetch(url)'])
    assert.match(wrong, FORBIDDEN);
  for (const right of ['new Date(clock.now())', 'timers.after(1, f)', 'this.fetch(1)'])
    assert.doesNotMatch(right, FORBIDDEN);
});
