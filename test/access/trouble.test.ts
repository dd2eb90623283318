import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trouble } from '../../src/access/trouble.ts';
import { keepingLog, type Line } from '../server/world.ts';
import { SimulatedTime } from '../sim/time.ts';

test('a trouble is told when it begins, once a minute while it lasts, and when it is over', async () => {
  const time = new SimulatedTime();
  const lines: Line[] = [];
  const trouble = new Trouble({ clock: time, log: keepingLog(lines), message: 'it fails', over: 'it works again' });
  trouble.well();
  for (let second = 0; second < 150; second++) {
    trouble.met({ reason: 'full' });
    await time.advance(1_000);
  }
  await time.advance(1_000);
  trouble.well();
  trouble.well();
  assert.deepEqual(
    lines.map(({ level, message, fields }) => [level, message, fields]),
    [
      ['error', 'it fails', { reason: 'full' }],
      ['error', 'it fails', { reason: 'full', alsoBefore: 59 }],
      ['error', 'it fails', { reason: 'full', alsoBefore: 59 }],
      ['info', 'it works again', { afterMs: 151_000 }],
    ],
  );
  trouble.met({ reason: 'again' });
  const { message, fields } = lines.at(-1)!;
  assert.deepEqual(
    [message, fields],
    ['it fails', { reason: 'again' }],
    'what was before it was over is no part of it',
  );
});

test('what goes well between two failures is not told as mended', async () => {
  const time = new SimulatedTime();
  const lines: Line[] = [];
  const trouble = new Trouble({ clock: time, log: keepingLog(lines), message: 'it fails', over: 'it works again' });
  for (let round = 0; round < 100; round++) {
    trouble.met({ reason: 'full' });
    trouble.well();
    await time.advance(100);
  }
  assert.equal(lines.length, 1);
});
