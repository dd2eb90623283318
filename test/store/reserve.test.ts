import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemDisk } from '../../src/cli/edge.ts';
import { createReserve, isLow, roomOn } from '../../src/store/reserve.ts';
import { SimulatedTime } from '../sim/time.ts';
import { temporaryFolder } from './open.ts';

const GB = 1024 ** 3;
const CONFIG = { reserve: 0.1, reserveAtMost: 10 * GB };

test('a tenth of the disk is kept, never more than the most', () => {
  const on = (total: number) => roomOn({ space: () => ({ available: 5 * GB, total }) }, '/', CONFIG)!;
  assert.equal(Math.round(on(20 * GB).reserve / GB), 2);
  assert.equal(isLow(on(20 * GB)), false);
  assert.equal(isLow(on(60 * GB)), true);
  assert.equal(on(4000 * GB).reserve, 10 * GB);
});

test('a disk that says nothing refuses nothing, and neither does a share of 0', () => {
  const parts = { folder: '/', clock: new SimulatedTime(), log: SILENT };
  createReserve({ ...parts, disk: { space: () => undefined }, config: CONFIG }).requireRoom();
  const full = { space: () => ({ available: 0, total: GB }) };
  createReserve({ ...parts, disk: full, config: { ...CONFIG, reserve: 0 } }).requireRoom();
  assert.throws(() => createReserve({ ...parts, disk: full, config: CONFIG }).requireRoom(), { code: 'STORE_RESERVE' });
});

test('the disk is looked at once a second at most', async () => {
  let looks = 0;
  const time = new SimulatedTime();
  const disk = { space: () => ({ available: ++looks * GB, total: 2 * GB }) };
  const reserve = createReserve({ disk, folder: '/', config: CONFIG, clock: time, log: SILENT });
  for (let round = 0; round < 100; round++) reserve.requireRoom();
  assert.equal(looks, 1);
  await time.advance(1_000);
  reserve.requireRoom();
  assert.equal(looks, 2);
});

test('the real disk of a folder can be asked; a folder that is not there says nothing', (t) => {
  const folder = temporaryFolder(t);
  const space = systemDisk.space(folder);
  if (space !== undefined) assert.ok(space.available > 0 && space.available <= space.total);
  assert.equal(systemDisk.space(`${folder}/gone`), undefined);
});
