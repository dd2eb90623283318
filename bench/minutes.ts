import { parseArgs } from 'node:util';

/** `--minutes`, how long a mixed load is kept up; none where it is not given. @throws Error */
export function minutes(): number {
  const { values: given } = parseArgs({ options: { minutes: { type: 'string', default: '0' } } });
  if (!/^\d{1,4}$/.test(given.minutes)) throw new Error(`--minutes is a whole number, not ${given.minutes}`);
  return Number(given.minutes);
}
