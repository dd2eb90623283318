import { check, type Verdict } from '../check.ts';

type Code = 'storage.full' | 'storage.filling' | 'storage.read-only' | 'storage.damaged';

const MB = 1024 ** 2;

/** Can the database grow, be written, be read whole? */
export const disk = check<Code>(
  {
    'storage.full': {
      level: 'error',
      remedy:
        'Free space on the disk of {subject}, or lower disk.reserve; until then only what takes access away is stored.',
    },
    'storage.filling': {
      level: 'warning',
      remedy: 'Free space on the disk of {subject} before the reserve is reached.',
    },
    'storage.read-only': {
      level: 'error',
      remedy: 'Mount the disk writable, and let the service write {subject} and its folder.',
    },
    'storage.damaged': {
      level: 'error',
      remedy: 'Stop the service and put a backup in place: jenkins-scim db restore BACKUP; then look at the disk.',
    },
  },
  ({ disk: probed }) => {
    if (probed === undefined) return [];
    const { path: subject, writable, room, damage = [] } = probed;
    const found: Verdict<Code>[] = [];
    if (!writable) found.push({ code: 'storage.read-only', subject, finding: 'The database cannot be written.' });
    if (damage.length > 0)
      found.push({ code: 'storage.damaged', subject, finding: `The database is damaged: ${damage[0]}.` });
    if (room !== undefined && room.available < 2 * room.reserve) {
      const low = room.available < room.reserve;
      const left = `${Math.floor(room.available / MB)} MB are left on its disk`;
      const finding = `${left}; the last ${Math.floor(room.reserve / MB)} MB are kept for what takes access away.`;
      found.push({ code: low ? 'storage.full' : 'storage.filling', subject, finding });
    }
    return found;
  },
);
