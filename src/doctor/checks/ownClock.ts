import { check } from '../check.ts';

/** Steps of a clock that is being corrected are no news. */
const NOTICE_MS = 5_000;

/** Is our own clock behind a time that was believed? */
export const ownClock = check(
  {
    'clock.behind': {
      level: 'error',
      remedy:
        'Set the clock right. If it is right now and was ahead before: jenkins-scim clock show, then jenkins-scim clock accept --yes.',
    },
  },
  ({ clock }) => {
    if (clock === undefined || clock.highest - clock.now < NOTICE_MS) return [];
    const [now, highest] = [clock.now, clock.highest].map((time) => new Date(time).toISOString());
    const finding = `It says ${now}, and ${highest} was seen: nothing ends by time until it has caught up.`;
    return [{ code: 'clock.behind' as const, subject: 'clock', finding }];
  },
);
