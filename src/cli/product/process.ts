import { hostname } from 'node:os';

/** Whether the process behind a holder's name lives; one of another machine counts as living. */
export function isAlive(name: string): boolean {
  const [machine, pid] = name.split('/');
  if (machine !== hostname()) return true;
  const id = Number(pid);
  if (!Number.isSafeInteger(id) || id <= 0) return false;
  // Another engine of this very process: it counts as living until it gives its lease back.
  if (id === process.pid) return true;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
