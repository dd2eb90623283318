// biome-ignore lint/suspicious/noEmptyInterface: filled by its area
export interface SyncTables {}
