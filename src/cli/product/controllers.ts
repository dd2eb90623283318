import type { Controller } from '../../access/ports/controller.ts';
import type { Log } from '../../access/ports/log.ts';
import { resolveSecret } from '../../config/resolve.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import { createController } from '../../jenkins/controller.ts';
import { createHttp } from '../../jenkins/http.ts';
import { systemClock, systemRandom, systemTimers } from '../edge.ts';

/** A controller as configured; its token is read by reference at each use. @throws ScimError CFG_SECRET, CFG_FILE_MODE */
export function openController(config: ControllerConfig, timeout: number, log: Log, lineage?: string): Controller {
  const http = createHttp({
    timers: systemTimers,
    ...(config.tls === undefined ? {} : { tls: config.tls }),
    ...(config.proxy === undefined ? {} : { proxy: config.proxy }),
  });
  return createController(config, {
    http,
    secret: () => resolveSecret(config.apiToken, process.env),
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    log: log.with({ controller: config.name }),
    timeout,
    ...(lineage === undefined ? {} : { lineage }),
  });
}
