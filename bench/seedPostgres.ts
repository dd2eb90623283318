import pg from 'pg';
import type { Seeded } from './seed.ts';

const AT = '2026-11-24T08:00:00.000Z';

/** The same as `seed`, into the database of a service on a server, by a statement for each table. */
export async function seedPostgres(url: string, people: number, sizes: readonly number[]): Promise<Seeded> {
  const database = new pg.Client({ connectionString: url });
  await database.connect();
  const id = (prefix: string, n: number): string => `${prefix}0000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
  const idOf = (prefix: string, n: string): string =>
    `'${prefix}0000000-0000-7000-8000-' || lpad((${n})::text, 12, '0')`;
  try {
    await database.query('BEGIN');
    await database.query(
      `INSERT INTO users (id, connection, user_name, user_name_key, external_id, display_name, email, active, document, created_at,
          modified_at, version)
        SELECT ${idOf('0', 'n')}, 'okta', name, name, 'x-' || name, NULL, mail, 1,
          json_build_object('userName', name, 'externalId', 'x-' || name,
            'emails', json_build_array(json_build_object('value', mail, 'type', 'work', 'primary', true)), 'active', true)::text,
          at, at, 1
        FROM (SELECT n, 'seed-' || n AS name, 'seed-' || n || '@corp.test' AS mail,
            to_char(timestamp '2026-11-24 08:00:00' + n * interval '1 millisecond', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at
          FROM generate_series(0, $1::int - 1) AS n) AS seeded`,
      [people],
    );
    await database.query(
      `INSERT INTO user_emails SELECT id, email, email, 'work', 1 FROM users WHERE email IS NOT NULL`,
    );
    let next = 0;
    for (const [n, size] of sizes.entries()) {
      const name = `seeded ${n} of ${size}`;
      await database.query(
        `INSERT INTO groups (id, connection, display_name, display_name_key, external_id, document, created_at, modified_at, version,
            member_count) VALUES ($1, 'okta', $2, $2, NULL, $3, $4, $4, 1, $5)`,
        [id('1', n), name, JSON.stringify({ displayName: name }), AT, size],
      );
      await database.query(
        `INSERT INTO members SELECT $1, ${idOf('0', '(($4::int + n) % $5::int)')}, 'User', $2, NULL, NULL FROM generate_series(0, $3::int - 1) AS n`,
        [id('1', n), AT, size, next, people],
      );
      next = (next + size) % people;
    }
    const edges = sizes.reduce((sum, size) => sum + size, 0);
    for (const [name, value] of Object.entries({
      'users:okta': people,
      'groups:okta': sizes.length,
      'edges:okta': edges,
    }))
      await database.query(
        'INSERT INTO counters VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value',
        [name, value],
      );
    await database.query('COMMIT');
    await database.query('VACUUM ANALYZE');
    // On the disk, as a server's that has run for a while: its files of the log are there to be used again.
    await database.query('CHECKPOINT');
  } finally {
    await database.end();
  }
  return {
    people: Array.from({ length: people }, (_, n) => id('0', n)),
    groups: new Map(sizes.map((size, n) => [size, id('1', n)])),
  };
}
