/** The words RFC 7644 §3.12 (table 9) and RFC 9865 §2.1 allow as `scimType`. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount'
  | 'sensitive';

/** What the catalogue says of one error. */
export interface Entry {
  /** Text with `{name}` holes that are filled from the error's details. */
  readonly message: string;
  /** HTTP status; 0 where the error never crosses HTTP. */
  readonly status: number;
  readonly scimType?: ScimType;
  /** What the reader can do about it. */
  readonly remedy: string;
}
