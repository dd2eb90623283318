/** What a request meets at one moment of a restart. `up`: it is served. */
export type Meeting =
  | 'up'
  | 'restarting'
  | 'starting'
  | 'unauthorized'
  | 'no-crumb'
  | 'bare-500'
  | 'oops-500'
  | 'reset'
  | 'refused';

interface Moment {
  /** Milliseconds since the order. */
  readonly from: number;
  readonly get: Meeting;
  readonly post: Meeting;
  /** `/login` and `/health`, which nobody logs in for. */
  readonly open: Meeting;
}

export type LineName = 'restart' | 'safeRestart' | 'kill' | 'reload';

const all = (from: number, meeting: Meeting): Moment => ({ from, get: meeting, post: meeting, open: meeting });
const row = (from: number, get: Meeting, post: Meeting, open: Meeting = 'starting'): Moment => ({
  from,
  get,
  post,
  open,
});

/**
 * Topic 06-restart-timelines, milliseconds as recorded; the 403 for a missing crumb stands between the last 500 and the first
 * 401 of a POST, where topic 06 (exchange 21) met it once. `reload` was seen to answer 503 right after it, and 200 later.
 */
const LINES: Readonly<Record<LineName, readonly Moment[]>> = {
  restart: [
    all(0, 'restarting'),
    row(5610, 'unauthorized', 'unauthorized', 'restarting'),
    all(5640, 'reset'),
    all(5700, 'refused'),
    row(6220, 'starting', 'bare-500'),
    row(7660, 'starting', 'oops-500'),
    row(9210, 'unauthorized', 'oops-500'),
    row(9620, 'unauthorized', 'no-crumb'),
    row(9660, 'unauthorized', 'unauthorized'),
    all(9910, 'starting'),
    all(10620, 'up'),
  ],
  safeRestart: [
    all(0, 'restarting'),
    row(10980, 'unauthorized', 'unauthorized', 'restarting'),
    all(11030, 'reset'),
    all(11080, 'refused'),
    row(11520, 'starting', 'bare-500'),
    row(12960, 'starting', 'oops-500'),
    row(14460, 'unauthorized', 'oops-500'),
    row(14760, 'unauthorized', 'no-crumb'),
    row(14800, 'unauthorized', 'unauthorized'),
    all(15090, 'starting'),
    all(15660, 'up'),
  ],
  kill: [
    all(0, 'refused'),
    row(3080, 'starting', 'bare-500'),
    row(4580, 'starting', 'oops-500'),
    row(6130, 'unauthorized', 'oops-500'),
    row(6260, 'unauthorized', 'no-crumb'),
    row(6300, 'unauthorized', 'unauthorized'),
    all(6890, 'starting'),
    all(7740, 'up'),
  ],
  reload: [all(0, 'starting'), all(500, 'up')],
};

type RequestKind = 'get' | 'post' | 'open';

export function meeting(line: LineName, elapsed: number, kind: RequestKind): Meeting {
  return LINES[line].findLast((moment) => moment.from <= elapsed)?.[kind] ?? 'up';
}

/** Milliseconds after which the process is gone, is there again with what the disk has, and serves. */
export function milestones(line: LineName): { gone: number | undefined; back: number | undefined; up: number } {
  const moments = LINES[line];
  const goneAt = moments.findIndex((moment) => moment.get === 'refused');
  return {
    gone: moments[goneAt]?.from,
    back: goneAt === -1 ? undefined : moments[goneAt + 1]?.from,
    up: moments.at(-1)!.from,
  };
}
