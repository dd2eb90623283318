/** Where a push that a pass answers came from. */
export interface Origin {
  /** RFC 3339 instant of the commit. */
  readonly at: string;
  readonly request: string | null;
}
