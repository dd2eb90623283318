import assert from 'node:assert/strict';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { ScimError } from '../../src/errors.ts';
import type { Case } from '../case.ts';
import { entries } from '../rest.ts';
import { make } from '../roles.ts';
import { ALL_STEPS, assertShutOut, equip } from './leaver.ts';

/** What may be said of a controller that restarts; anything else is a false verdict. */
const PASSING = new Set(['JEN_UNREACHABLE', 'JEN_RESTARTING', 'JEN_TIMEOUT']);
const PATIENCE = 180_000;

export const restart: Case = {
  name: 'restart: no false verdict, roles are kept, what was cut stays cut',
  restarts: true,
  async run(scene) {
    const { stage, prefix } = scene;
    const had = await equip(scene, `${prefix}restarted`);
    const role = { type: 'item', name: `${prefix}kept`, pattern: '.*', permissions: [] } as const;
    const key = await make(scene, role, ['ana', "o'hara"]);
    await stage.controller.cut(scene.fence(), [{ id: had.id, steps: ALL_STEPS, entries: 'all' }]);
    const before = await stage.controller.observe();
    const started = systemClock.monotonic();
    await stage.rig.restart();
    const told = new Map<string, number>();
    let session = before.session;
    while (session === before.session) {
      assert.ok(systemClock.monotonic() - started < PATIENCE, `not back: ${JSON.stringify([...told])}`);
      try {
        session = (await stage.controller.observe()).session;
      } catch (error) {
        const code = error instanceof ScimError ? error.code : String(error);
        assert.ok(PASSING.has(code), `a false verdict: ${code}`);
        told.set(code, (told.get(code) ?? 0) + 1);
      }
      await systemTimers.sleep(20);
    }
    const after = await stage.controller.observe();
    assert.deepEqual(after.roles, before.roles);
    assert.deepEqual(await entries(stage, key), ['user ana', "user o'hara"]);
    await assertShutOut(scene, had);
    const codes = [...told].map(([code, times]) => `${code} ${times}×`).join(', ');
    return `back after ${Math.round((systemClock.monotonic() - started) / 100) / 10} s; ${codes === '' ? 'no error' : codes}`;
  },
};
