/** One thing a suite looked at. */
export interface Check {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What it says about it; empty where it passed. */
  readonly reason: string;
}

/** A suite that others wrote, or that drives a client which others wrote. */
export interface Suite {
  readonly name: string;
  /** The profile it speaks to. */
  readonly profile: 'rfc' | 'generic';
  /** Runs it against a base URL; the token opens a connection of its own. @throws Absent where the machine lacks what it needs */
  run(url: string, token: string): Promise<readonly Check[]>;
}
