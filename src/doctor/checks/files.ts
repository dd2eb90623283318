import { check, type Verdict } from '../check.ts';
import type { FileProbe } from '../probes.ts';

type Code = 'file.writable' | 'file.readable' | 'file.missing';

const PRIVATE: readonly FileProbe['purpose'][] = ['key', 'secret', 'database'];

/** Can somebody else read our secrets or write our rules? */
export const files = check<Code>(
  {
    'file.writable': { level: 'error', remedy: 'chmod go-w {subject}' },
    'file.readable': { level: 'error', remedy: 'chmod 600 {subject}' },
    'file.missing': { level: 'info', remedy: 'It is made on the first start of the service.' },
  },
  ({ files: probed }) => probed.flatMap(judge),
);

function judge({ path, purpose, mode, privateGroup }: FileProbe): Verdict<Code>[] {
  // A secret that is not there is told by the controller that needs it, a policy by the check of the policy.
  if (mode === undefined)
    return purpose !== 'key' && purpose !== 'database'
      ? []
      : [{ code: 'file.missing', subject: path, finding: `The ${purpose} is not there yet.` }];
  const shown = (mode & 0o777).toString(8).padStart(3, '0');
  const writers = privateGroup === true ? 0o002 : 0o022;
  if ((mode & writers) !== 0)
    return [{ code: 'file.writable', subject: path, finding: `Others can write the ${purpose} (mode ${shown}).` }];
  // The group of a secret may read it: mounted secrets need that.
  const readers = purpose === 'secret' || privateGroup === true ? 0o004 : 0o044;
  if (PRIVATE.includes(purpose) && (mode & readers) !== 0)
    return [{ code: 'file.readable', subject: path, finding: `Others can read the ${purpose} (mode ${shown}).` }];
  return [];
}
