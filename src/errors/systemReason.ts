/** What the operating system answered, in words. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EEXIST: 'it exists already',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the file is larger than may be',
  EADDRINUSE: 'the address is in use',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name service does not answer',
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network',
  EADDRNOTAVAIL: 'this machine has no such address',
  ELOOP: 'links that go round in a circle',
};

/** Why the operating system refused something; undefined where it was not the system that did. */
export function systemReason(error: unknown): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code === undefined || syscall === undefined ? undefined : reasonOfCode(code);
}

/** The same by its code, e.g. `ENOSPC`; the code itself where there are no words for it. */
export function reasonOfCode(code: string): string {
  return REASONS[code] ?? code;
}

/** Why a new file could not be written, in words. */
export function whyNotWritten(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'its folder does not exist';
  return systemReason(error) ?? (error instanceof Error ? error.message : String(error));
}
