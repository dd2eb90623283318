export type Level = 'error' | 'warning' | 'info';

/** Something a person should know and may have to act on; policy lint, plans and the doctor all speak it. */
export interface Finding {
  /** Stable code, e.g. `policy.unknown-role`, `identity.contested`, `credential.expired`. */
  readonly code: string;
  readonly level: Level;
  /** What it is about: a controller, a role, a rule, a person. */
  readonly subject: string;
  readonly finding: string;
  readonly remedy: string;
  /** Page under docs/, with anchor. */
  readonly docs: string;
  readonly file?: string;
  readonly line?: number;
}
