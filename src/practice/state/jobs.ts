interface Job {
  /** `team-a/job1` */
  readonly fullName: string;
  /** What a caller without Job/Build may start it by (`authToken` of the job's configuration). */
  readonly remoteToken?: string;
}

export type SavedJobs = readonly Job[];

interface Build {
  readonly job?: string;
  /** Ids of the people it goes back to; nobody's where a remote host began it. */
  readonly starters: readonly string[];
}

/** Jobs, kept on disk, and their builds, which go on until the job is dropped or the process ends. */
export class Jobs {
  readonly #jobs: Map<string, Job>;
  #running: Build[] = [];
  #queued: Build[] = [];
  #item = 0;

  constructor(disk: SavedJobs) {
    this.#jobs = new Map(disk.map((job) => [job.fullName, job]));
  }

  get(fullName: string): Job | undefined {
    return this.#jobs.get(fullName);
  }

  /** By full name, as they are listed. */
  all(): Job[] {
    return [...this.#jobs.values()].sort((a, b) => (a.fullName < b.fullName ? -1 : 1));
  }

  put(job: Job): void {
    this.#jobs.set(job.fullName, job);
  }

  /** Its builds end with it. */
  drop(fullName: string): void {
    this.#jobs.delete(fullName);
    this.#running = this.#running.filter(({ job }) => job !== fullName);
    this.#queued = this.#queued.filter(({ job }) => job !== fullName);
  }

  /** A build of no job here. */
  run(starter: string): void {
    this.#running.push({ starters: [starter] });
  }

  /**
   * Begins a build; while one of the job runs the next waits, and whoever asks meanwhile waits for the same one. Gives the
   * number in the queue.
   */
  start(fullName: string, starter: string | undefined): number {
    const starters = starter === undefined ? [] : [starter];
    const waiting = this.#queued.find(({ job }) => job === fullName);
    if (waiting !== undefined) {
      const both = { job: fullName, starters: [...new Set([...waiting.starters, ...starters])] };
      this.#queued = this.#queued.map((build) => (build === waiting ? both : build));
      return this.#item;
    }
    const busy = this.#running.some(({ job }) => job === fullName);
    (busy ? this.#queued : this.#running).push({ job: fullName, starters });
    return ++this.#item;
  }

  /** How many builds that go back to those run, and how many wait. */
  count(isTheirs: (starter: string) => boolean): { readonly running: number; readonly queued: number } {
    const by = (build: Build) => build.starters.some(isTheirs);
    return { running: this.#running.filter(by).length, queued: this.#queued.filter(by).length };
  }

  saved(): SavedJobs {
    return [...this.#jobs.values()];
  }
}
