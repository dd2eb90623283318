/** Randomness: ids and secrets. */
export interface Random {
  bytes(length: number): Uint8Array;
  /**
   * A UUID, never repeated. The real ones begin with the time (version 7), so that what is made together stands together in every
   * index: a third of the pages that random ones would touch.
   */
  id(): string;
}
