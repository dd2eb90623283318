import { SILENT } from '../access/ports/log.ts';
import type { Modules } from './modules.ts';

/**
 * The composition root: the only file that knows what stands behind `Modules`. Each part is loaded when it is first used, so
 * that `--help` does not pay for the service, nor the service for the demo.
 */
export const modules: Modules = {
  async engine(config, log, options) {
    const [{ createEngine }, { openParts }] = await Promise.all([
      import('./product/engine.ts'),
      import('./product/parts.ts'),
    ]);
    return createEngine(await openParts(config, log, options));
  },
  controller: async (config, opening) =>
    (await import('./product/controllers.ts')).openController(config, { log: SILENT, ...opening }),
  uses: async (database) => (await import('./product/uses.ts')).openUses(database),
  restore: async (config, file, options) => (await import('./product/restore.ts')).restore(config, file, options),
  copy: async (config, target, say, options) => (await import('./product/copy.ts')).copy(config, target, say, options),
  demo: async (real) => (await import('./product/demo.ts')).openDemo(real),
  policy: {
    lint: async (path, around) => (await import('./product/policy.ts')).lintPolicy(path, around),
    schema: async () => (await import('./product/policy.ts')).policySchema(),
    preview: async (path, query, config) => (await import('./product/policy.ts')).previewPolicy(path, query, config),
  },
};
