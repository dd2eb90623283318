/** Randomness: ids and secrets. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** A version 4 UUID, never repeated. */
  id(): string;
}
