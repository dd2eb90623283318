import { check, type Verdict } from '../check.ts';

const LIMIT = 5 * 60_000;
const NOTICE = 30_000;

type Code = 'controller.clock' | 'controller.clock-drifting';

/** Do we and the controller agree on the time? (semantics §6) */
export const clock = check<Code>(
  {
    'controller.clock': {
      level: 'error',
      remedy: 'Run NTP on both hosts; until then expiries on this controller are held.',
    },
    'controller.clock-drifting': {
      level: 'warning',
      remedy: 'Run NTP on both hosts; beyond 5 minutes expiries are held.',
    },
  },
  ({ controllers }) =>
    controllers.flatMap(({ config, capabilities, readAt }): Verdict<Code>[] => {
      if (capabilities === undefined || readAt === undefined) return [];
      const off = capabilities.time - readAt;
      if (Math.abs(off) < NOTICE) return [];
      const finding = `Its clock is ${Math.round(Math.abs(off) / 1000)} s ${off > 0 ? 'ahead of' : 'behind'} ours.`;
      return [
        {
          code: Math.abs(off) > LIMIT ? 'controller.clock' : 'controller.clock-drifting',
          subject: config.name,
          finding,
        },
      ];
    }),
);
