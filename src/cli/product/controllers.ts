import type { Controller } from '../../access/ports/controller.ts';
import type { Log } from '../../access/ports/log.ts';
import type { UseCount } from '../../access/ports/useCount.ts';
import { resolveSecret } from '../../config/resolve.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import { createController } from '../../jenkins/controller.ts';
import { countedHttp } from '../../jenkins/countedHttp.ts';
import { createHttp } from '../../jenkins/http.ts';
import { systemClock, systemRandom, systemTimers } from '../edge.ts';

interface Opening {
  /** Milliseconds for a whole exchange. */
  readonly timeout: number;
  readonly log: Log;
  /** Names the database whose fences are compared with each other. */
  readonly lineage?: string;
  /** In the place of what `apiToken` points to. */
  readonly secret?: string;
  /** Absent where there is no database to count in. */
  readonly uses?: UseCount;
}

/** A controller as configured; its token is read by reference at each use. @throws ScimError CFG_SECRET, CFG_FILE_MODE */
export function openController(config: ControllerConfig, { timeout, log, lineage, uses, secret }: Opening): Controller {
  const http = createHttp({
    timers: systemTimers,
    ...(config.tls === undefined ? {} : { tls: config.tls }),
    ...(config.proxy === undefined ? {} : { proxy: config.proxy }),
  });
  return createController(config, {
    http: uses === undefined ? http : countedHttp(http, uses),
    secret: () => secret ?? resolveSecret(config.apiToken, process.env),
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    log: log.with({ controller: config.name }),
    timeout,
    ...(lineage === undefined ? {} : { lineage }),
  });
}
