import { type Meter, UNMETERED } from '../../src/access/ports/meter.ts';
import type { Life } from './mortal.ts';

/** What the processes that live count. */
export class Numbers {
  /** Seconds, of the last look; absent before the first. */
  oldestLeaver: number | undefined;
  /** How often that was looked at. */
  looks = 0;
  /** Controller and ceiling, of everything that was held. */
  readonly trips = new Set<string>();

  meterOf(life: Life): Meter {
    return {
      ...UNMETERED,
      trip: (controller, ceiling) => void this.trips.add(`${controller} ${ceiling}`),
      oldestLeaver: (seconds) => {
        if (life.over) return;
        this.oldestLeaver = seconds;
        this.looks++;
      },
    };
  }
}
