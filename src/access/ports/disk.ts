/** Bytes of the disk that a folder is on. */
interface Space {
  /** What this process may still use. */
  readonly available: number;
  readonly total: number;
}

/** What is left of disks. */
export interface Disk {
  /** Undefined where it cannot be told: the folder is gone, or the platform does not say. */
  space(folder: string): Space | undefined;
}
