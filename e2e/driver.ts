import type { Controller } from '../src/access/ports/controller.ts';
import { SILENT } from '../src/access/ports/log.ts';
import { systemClock, systemRandom, systemTimers } from '../src/cli/edge.ts';
import { createController } from '../src/jenkins/controller.ts';
import { createHttp } from '../src/jenkins/http.ts';

/** The product's own driver for a controller. Each run is a lineage of its own, so that its fences begin low. */
export function openDriver(url: string, user: string, token: string, lineage: string): Controller {
  return createController(
    { name: 'e2e', url, user },
    {
      http: createHttp({ timers: systemTimers }),
      secret: () => token,
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      log: SILENT,
      timeout: 60_000,
      lineage,
    },
  );
}
