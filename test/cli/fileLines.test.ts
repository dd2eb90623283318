import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { fileLines } from '../../src/cli/fileLines.ts';
import { temporaryFolder } from '../store/open.ts';

const folder = temporaryFolder({ after });

test('the lines of a file are those of its text, wherever it is cut to be read, and as often as it is asked', () => {
  const path = join(folder, 'lines');
  const text = fc
    .array(fc.string({ unit: fc.constantFrom('a', 'é', '漢', '🙂', '\r', '"', ' ') }))
    .map((some) => some.join('\n'));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (whole, chunk) => {
      writeFileSync(path, whole);
      const lines = fileLines(path, chunk);
      assert.deepEqual([...lines], whole.split('\n'));
      assert.deepEqual([...lines], whole.split('\n'));
    }),
    { numRuns: 60 },
  );
});

test('a file of lines is closed where nobody wants the rest, and one that is not there is told by its name', () => {
  const path = join(folder, 'many');
  writeFileSync(path, 'x\n'.repeat(100_000));
  for (let n = 0; n < 5_000; n++) for (const line of fileLines(path, 64)) if (line === 'x') break;
  assert.throws(() => [...fileLines(join(folder, 'none'))], {
    code: 'CLI_USAGE',
    message: /none cannot be read: it does not exist/,
  });
});
