// One client that never waits: 64 sockets, each asks again as soon as it is answered. Started by `flood.ts`, which says when.
import { Pool } from 'undici';

const [, , scim = '', token = ''] = process.argv;
const url = new URL(scim);
const pool = new Pool(url.origin, { connections: 64 });
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
const body = JSON.stringify({ schemas: [], filler: 'x'.repeat(4_000) });
const statuses: Record<string, number> = {};
let on = false;

async function socket(index: number): Promise<void> {
  for (;;) {
    if (!on) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      continue;
    }
    const answer =
      index % 2 === 0
        ? await pool.request({ method: 'GET', path: `${url.pathname}/Users?count=10`, headers })
        : await pool.request({ method: 'POST', path: `${url.pathname}/Users`, headers, body });
    await answer.body.dump();
    statuses[answer.statusCode] = (statuses[answer.statusCode] ?? 0) + 1;
  }
}

process.on('message', (message) => {
  on = message === 'go';
  process.send?.({ ...statuses });
});
process.on('disconnect', () => process.exit());
await Promise.all(Array.from({ length: 64 }, (_, index) => socket(index)));
