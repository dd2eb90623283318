import type { Modules } from './engine.ts';

/**
 * The composition root: the only file that knows what stands behind `Modules`.
 * A part that is not bound says so by name when it is first used.
 */
export const modules: Modules = {
  engine: () => unbound('engine'),
  controller: () => unbound('controller'),
  restore: () => unbound('restore'),
  demo: () => unbound('demo'),
  policy: {
    lint: () => unbound('policy.lint'),
    schema: () => {
      throw missing('policy.schema');
    },
    preview: () => unbound('policy.preview'),
  },
};

function missing(part: string): Error {
  return new Error(`src/cli/compose.ts binds nothing to ${part}`);
}

async function unbound(part: string): Promise<never> {
  throw missing(part);
}
