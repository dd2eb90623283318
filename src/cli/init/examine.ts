import type { Controller, Observed } from '../../access/ports/controller.ts';
import { loadConfig } from '../../config/load.ts';
import { ScimError } from '../../errors.ts';
import type { Host } from '../invocation.ts';

/** What a first look at a controller gave. */
interface Examination {
  readonly failed: boolean;
  readonly lines: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
  readonly observed?: Observed;
}

/** Asks the controller of a configuration who we are, what it is, and which roles it has. Never throws a refusal. */
export async function examine(path: string, name: string, host: Host): Promise<Examination> {
  try {
    const config = loadConfig(path, host.environment);
    const found = config.controllers.find((controller) => controller.name === name)!;
    const uses = await host.modules.uses(config.database);
    let controller: Controller | undefined;
    try {
      const counted = uses === undefined ? {} : { uses: uses.of(name) };
      controller = await host.modules.controller(found, { timeout: config.sync.timeout, ...counted });
      const who = await controller.whoAmI();
      const { core, plugins } = await controller.probe();
      const observed = await controller.observe();
      const version = plugins['role-strategy'] ?? 'unknown';
      return {
        failed: false,
        lines: [
          `${name} answers: Jenkins ${core}, role-strategy ${version}, ${observed.roles.length} role(s), we are ${who.name}.`,
          '',
        ],
        json: { name, core, roleStrategy: version, roles: observed.roles.length, user: who.name },
        observed,
      };
    } finally {
      await controller?.close();
      await uses?.close();
    }
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    const lines = [`${error.code}: ${error.message}`, `Remedy: ${error.remedy}`, ''];
    return {
      failed: true,
      lines,
      json: { name, error: { code: error.code, message: error.message, remedy: error.remedy } },
    };
  }
}
