import type { KeyObject } from 'node:crypto';

/** Keys that live outside the database, in the folder `keys:` of the configuration, files of mode 0600. */
export interface Keys {
  /** Version and 32 bytes for MACs over token rows; old versions stay to verify. */
  readonly token: { readonly current: number; readonly byVersion: ReadonlyMap<number, Uint8Array> };
  /** HMAC key of ledger records, and the key of digests of personal values. */
  readonly ledger: { readonly mac: Uint8Array; readonly personal: Uint8Array };
  /** Ed25519 pair for signed chain heads. */
  readonly heads: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
}
