/** One forward step of the schema; it is applied whole or not at all. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly up: readonly string[];
}
