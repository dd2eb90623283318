/**
 * Waits for what asks this process to end: a signal, or the end of the process that started it in its place (bin/jenkins-scim.js
 * under an older Node.js). A second signal ends it at once, as usual.
 */
export function stopped(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  process.once('disconnect', () => resolve('parent gone'));
  process.channel?.unref();
  return promise;
}
