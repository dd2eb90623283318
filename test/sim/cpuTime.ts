/** Milliseconds of work that this process has done: what a bound on a computation is about, whatever else the machine does. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
