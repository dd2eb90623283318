import { SILENT } from '../access/ports/log.ts';
import { copyStore } from '../store/copy.ts';
import { systemClock, systemTimers } from './edge.ts';
import type { Modules } from './engine.ts';
import { openController } from './product/controllers.ts';
import { openDemo } from './product/demo.ts';
import { createEngine } from './product/engine.ts';
import { openParts } from './product/parts.ts';
import { lintPolicy, policySchema, previewPolicy } from './product/policy.ts';
import { restore } from './product/restore.ts';

/** The composition root: the only file that knows what stands behind `Modules`. */
export const modules: Modules = {
  engine: async (config, log, options) => createEngine(await openParts(config, log, options)),
  controller: async (config, timeout) => openController(config, timeout, SILENT),
  restore,
  copy: (config, target) =>
    copyStore(config.database, target, { clock: systemClock, timers: systemTimers, log: SILENT }),
  demo: openDemo,
  policy: { lint: lintPolicy, schema: policySchema, preview: previewPolicy },
};
