import type { Timers } from '../access/ports/timers.ts';

/** Within this time the same end is told twice where a supervisor or a terminal signals the whole group and the launcher passes it on. */
const ECHO_MS = 1_000;

/**
 * Waits for what asks this process to end: a signal (SIGHUP too, when its terminal is closed), or the end of the process that started it
 * in its place (bin/jenkins-scim.js under an older Node.js). A signal that comes a second later or more ends it at once, as usual.
 */
export function stopped(timers: Timers): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const end = (signal: NodeJS.Signals): void => {
    resolve(signal);
    timers.after(ECHO_MS, () => {
      for (const one of SIGNALS) process.off(one, end);
    });
  };
  for (const signal of SIGNALS) process.on(signal, end);
  process.once('disconnect', () => resolve('parent gone'));
  process.channel?.unref();
  return promise;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
