/** One forward step of the schema; it is applied whole or not at all. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  /** Statements in the common language of `postgres/translate.ts`, for both engines. */
  readonly up: readonly string[];
  /** What one engine needs before them, as it is. */
  readonly postgres?: readonly string[];
  readonly sqlite?: readonly string[];
}
