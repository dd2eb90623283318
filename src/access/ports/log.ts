/** Structured log: a constant message and key/values; never a secret. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** A log that adds fields to every line. */
  with(fields: Record<string, unknown>): Log;
}

const quiet = (): void => {};

/** Drops everything. */
export const SILENT: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet, with: () => SILENT };
