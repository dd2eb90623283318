import { closeSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Place } from './service.ts';

/** What was put into a database past the service. */
export interface Seeded {
  /** Ids of the people, in the order of their creation; the n-th is called `seed-n`, its key outside is `x-seed-n`. */
  readonly people: readonly string[];
  /** Ids of the groups by their number of members. */
  readonly groups: ReadonlyMap<number, string>;
}

const AT = '2026-11-24T08:00:00.000Z';

/** Fills the database of a service that does not run: so many people, one group for each size, no group that a rule names. */
export function seed(at: Place, people: number, sizes: readonly number[]): Seeded {
  const path = join(at.folder, 'data', 'jenkins-scim.db');
  const database = new DatabaseSync(path);
  const user = database.prepare('INSERT INTO users VALUES (?, ?, ?, ?, ?, NULL, ?, 1, ?, ?, ?, 1)');
  const email = database.prepare('INSERT INTO user_emails VALUES (?, ?, ?, ?, 1)');
  const group = database.prepare('INSERT INTO groups VALUES (?, ?, ?, ?, NULL, ?, ?, ?, 1, ?)');
  const member = database.prepare("INSERT INTO members VALUES (?, ?, 'User', ?, NULL, NULL)");
  const counter = database.prepare(
    'INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value',
  );
  const id = (prefix: string, n: number): string => `${prefix}0000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
  const ids = Array.from({ length: people }, (_, n) => id('0', n));
  const groups = new Map<number, string>();
  let next = 0;
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  for (const [n, key] of ids.entries()) {
    const name = `seed-${n}`;
    const mail = `${name}@corp.test`;
    const emails = [{ value: mail, type: 'work', primary: true }];
    const made = new Date(Date.parse(AT) + n).toISOString();
    const document = JSON.stringify({ userName: name, externalId: `x-${name}`, emails, active: true });
    user.run(key, 'okta', name, name, `x-${name}`, mail, document, made, made);
    email.run(key, mail, mail, 'work');
  }
  for (const [n, size] of sizes.entries()) {
    const key = id('1', n);
    const name = `seeded ${n} of ${size}`;
    group.run(key, 'okta', name, name, JSON.stringify({ displayName: name }), AT, AT, size);
    // Each group begins where the one before ended, so that people are in about as many groups as everybody else.
    for (let one = 0; one < size; one++) member.run(key, ids[(next + one) % people]!, AT);
    next = (next + size) % people;
    groups.set(size, key);
  }
  counter.run('users:okta', people);
  counter.run('groups:okta', sizes.length);
  counter.run(
    'edges:okta',
    sizes.reduce((sum, size) => sum + size, 0),
  );
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  // Otherwise the first flush of the service waits for all that was written here.
  const file = openSync(path, 'r+');
  fsyncSync(file);
  closeSync(file);
  return { people: ids, groups };
}
