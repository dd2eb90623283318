/** Where a key got its value: the file with the line, or the environment variable that overrides it. */
export type Locate = (path: readonly PropertyKey[]) => string;
