import type { Recorded } from './transcript.ts';

/** One way in which the practice controller is compared less than byte for byte, and why that is right. */
export interface Deviation {
  readonly what: string;
  readonly why: string;
}

/** All of them. `replay.ts` counts their uses; one that is not used any more fails a test. */
export const DEVIATIONS = {
  random: {
    what: 'session hashes, JSESSIONID values and crumbs: compared by place, not by value',
    why: 'Both sides draw them at random. The replay keeps a table of recorded and own values and fails where one recorded value meets two own ones, or two meet one.',
  },
  address: {
    what: 'the address in bodies that carry it, and so their Content-Length',
    why: 'The recorded controller had another port.',
  },
  permissionOrder: {
    what: 'keys of `permissionIds`: compared as a set',
    why: 'A Java HashSet of objects without hashCode: the order differs between two starts of the same controller.',
  },
  renderedPage: {
    what: 'pages of the user interface: compared by status, headers and title',
    why: 'They are 13 kB of markup that no client reads, and the recording cuts them at 700 characters.',
  },
  notRecorded: {
    what: 'login page and crumb before exchange 01/43: fetched by the replay',
    why: 'The recorder logged in by itself between 32 and 43; those exchanges are not in the transcript.',
  },
  otherRun: {
    what: '06-restart, exchanges 20–27: replayed at other seconds of the safeRestart line than they were recorded at',
    why: 'Two recorded runs of one order took differently long. The practice controller keeps the one of 06-restart-timelines, which has every phase; the sequence of answers is the same.',
  },
  inFlight: {
    what: 'two probes of 06-restart-timelines that hung in a connection from before (RemoteDisconnected, timed out)',
    why: 'Their connections were opened before the process went; a probe opened at that moment is refused or reset, which is what is compared.',
  },
} as const satisfies Record<string, Deviation>;

export type DeviationName = keyof typeof DEVIATIONS;

/** Whether an exchange answers with a page of the user interface. */
export function isRenderedPage(recorded: Recorded): boolean {
  const { headers, body } = recorded.response;
  return headers['Content-Type'] === 'text/html;charset=utf-8' && /<!DOCTYPE html>/.test(body ?? '');
}
